import type { TestProject } from 'vitest/node';
import { installMinistack } from '../servers/ministack-install.ts';
import { whyNotInstalled } from './installed-once.ts';
import { measureFactor } from './machine-factor.ts';
import { whyMissing } from './skipped-because.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How many times slower than a developer's machine this one is. */
    machineFactor: number;
    /** Process id of the run. */
    runner: number;
    /** Null where the emulator of AWS is installed. */
    whyNoMinistack: string | null;
  }
}

/** Once, before the first test. */
export default async function prepare({ provide }: TestProject): Promise<void> {
  provide('machineFactor', await measureFactor());
  provide('runner', process.pid);
  provide('whyNoMinistack', await prepareMinistack());
}

async function prepareMinistack(): Promise<string | null> {
  if (process.env.LOCKSTEP_NO_INSTALL === '1') return 'LOCKSTEP_NO_INSTALL=1: ministack is not installed';
  const missing = whyMissing('python3');
  return missing ?? whyNotInstalled('ministack (from PyPI)', installMinistack, process.env);
}
