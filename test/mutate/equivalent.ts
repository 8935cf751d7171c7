/**
 * A mutant that changes nothing that anyone could see. `was` and `replacement` as `npm run test:mutate`
 * prints them.
 */
export type Equivalent = { file: string; was: string; replacement: string; why: string };

/** An entry whose mutant is killed after all, or is not made any more, fails the run. */
export const equivalents: readonly Equivalent[] = [
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
