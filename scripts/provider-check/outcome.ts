import { type EmulatorLimit, typeAt } from './emulator-limits.ts';

/** What became of the resources of one type. */
export type TypeOutcome = {
  type: string;
  planned: number;
  applied: number;
  /** Applied, but for some inputs that the emulator doesn't know. */
  partly: number;
  notPossible: number;
  why: string;
};

/**
 * @param whole applied as they were declared
 * @param partly applied without what the emulator can't do
 */
export function outcomeByType(
  planned: readonly string[],
  whole: ReadonlySet<string>,
  partly: ReadonlySet<string>,
  limits: readonly EmulatorLimit[],
): readonly TypeOutcome[] {
  return [...Map.groupBy(planned, typeAt)]
    .map(([type, addresses]): TypeOutcome => {
      const applied = addresses.filter((address) => whole.has(address)).length;
      const reduced = addresses.filter((address) => !whole.has(address) && partly.has(address)).length;
      const notPossible = addresses.length - applied - reduced;
      const why = limits.filter((limit) => limit.type === type).map(({ reason }) => reason);
      const missing = why.length > 0 ? why.join('; ') : 'waits for something that is not possible';
      return {
        ...{ type, planned: addresses.length, applied, partly: reduced, notPossible },
        why: reduced + notPossible > 0 ? missing : '',
      };
    })
    .toSorted((left, right) => (left.type < right.type ? -1 : 1));
}

/** The sum of all types, as a row of its own. */
export function totalOf(outcomes: readonly TypeOutcome[]): TypeOutcome {
  const sum = (count: (outcome: TypeOutcome) => number) =>
    outcomes.reduce((total, each) => total + count(each), 0);
  return {
    type: 'all',
    planned: sum(({ planned }) => planned),
    applied: sum(({ applied }) => applied),
    partly: sum(({ partly }) => partly),
    notPossible: sum(({ notPossible }) => notPossible),
    why: '',
  };
}
