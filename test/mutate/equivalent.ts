/**
 * A mutant that changes nothing that anyone could see. `was` and `replacement` as `npm run test:mutate`
 * prints them.
 */
export type Equivalent = { file: string; was: string; replacement: string; why: string };

/** An entry whose mutant is killed after all, or is not made any more, fails the run. */
export const equivalents: readonly Equivalent[] = [];
