import type { Register } from './command.ts';

/** Every verb, in the order of `lockstep --help`. */
export const registers: readonly Register[] = [];
