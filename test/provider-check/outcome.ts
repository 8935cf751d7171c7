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
 * @param later applied then, without what the emulator can't do
 */
export function outcomeByType(
  planned: readonly string[],
  whole: ReadonlySet<string>,
  later: ReadonlySet<string>,
  limits: readonly EmulatorLimit[],
): readonly TypeOutcome[] {
  return [...Map.groupBy(planned, typeAt)]
    .map(([type, addresses]): TypeOutcome => {
      const own = limits.filter((limit) => limit.type === type);
      // Most of what comes later only waited for what the emulator can't do.
      const isReduced = own.some(({ without }) => without.length > 0);
      const first = addresses.filter((address) => whole.has(address)).length;
      const second = addresses.filter((address) => !whole.has(address) && later.has(address)).length;
      const notPossible = addresses.length - first - second;
      const [applied, partly] = isReduced ? [first, second] : [first + second, 0];
      const why =
        own.length > 0
          ? own.map(({ reason }) => reason).join('; ')
          : 'waits for something that is not possible';
      return {
        type,
        planned: addresses.length,
        applied,
        partly,
        notPossible,
        why: partly + notPossible > 0 ? why : '',
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
