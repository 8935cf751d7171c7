import { spawnSync } from 'node:child_process';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test, or all tests of the suite, can't run here. */
    skippedBecause?: string;
  }
}

/** Options of a test or of a suite that runs unless there is a reason, which the end of the run prints. */
export function skippedBecause(reason: string | null) {
  return reason === null ? {} : { skip: true, meta: { skippedBecause: reason } };
}

/** Why a test that needs these programs can't run here; null where they are. */
export function whyMissing(...programs: string[]): string | null {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  return missing.length === 0 ? null : `needs ${missing.join(' and ')}`;
}
