/**
 * A mutant that changes nothing that anyone could see. `was` and `replacement` as `npm run test:mutate`
 * prints them.
 */
export type Equivalent = { file: string; was: string; replacement: string; why: string };

/** An entry whose mutant is killed after all, or is not made any more, fails the run. */
export const equivalents: readonly Equivalent[] = [
  {
    file: 'scripts/domain/order/order-check.ts',
    was: 'upstream === null || basis.environment !== upstream',
    replacement: 'basis.environment !== upstream',
    why: 'no environment is called null: the operand is for the compiler',
  },
  {
    file: 'scripts/domain/smoke/suite-check.ts',
    was: 'parseJsonPath(path) ?? []',
    replacement: 'parseJsonPath(path)!',
    why: 'the schema has refused paths that can not be parsed; the fallback is for the compiler',
  },
  {
    file: 'scripts/domain/parity/parity-own.ts',
    was: 'startedAt !== null && activatedAt !== null',
    replacement: 'startedAt !== null',
    why: 'Date.parse of null is no number, and nothing is older than that: the condition is for the compiler',
  },
  {
    file: 'scripts/domain/parity/parity-own.ts',
    was: 'startedAt !== null && activatedAt !== null',
    replacement: 'activatedAt !== null',
    why: 'as before',
  },
  {
    file: 'scripts/workflows/order/confirm-running.ts',
    was: "failure?.split('\\n') ?? []",
    replacement: "failure?.split('\\n')!",
    why: 'a suite that failed has a failure; the fallback is for the compiler',
  },
  {
    file: 'scripts/workflows/order/lease.ts',
    was: '(durationSeconds * 1000) / 10',
    replacement: '(durationSeconds * 1000) * 10',
    why: 'only how often a waiting deployer looks, once a second at most either way',
  },
  {
    file: 'scripts/workflows/order/lease.ts',
    was: 'durationSeconds * 1000',
    replacement: 'durationSeconds / 1000',
    why: 'only how often a waiting deployer looks',
  },
];
