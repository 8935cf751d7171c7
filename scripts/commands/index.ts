import type { Register } from './command.ts';
import { secret } from './secret.ts';

/** Every verb, in the order of `lockstep --help`. */
export const registers: readonly Register[] = [secret];
