import type { TestProject } from 'vitest/node';
import { measureFactor } from './machine-factor.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How many times slower than a developer's machine this one is. */
    machineFactor: number;
    /** Process id of the run. */
    runner: number;
  }
}

/** Once, before the first test. */
export default async function prepare({ provide }: TestProject): Promise<void> {
  provide('machineFactor', await measureFactor());
  provide('runner', process.pid);
}
