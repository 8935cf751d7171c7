import { setImmediate } from 'node:timers/promises';

/**
 * Long synchronous work calls this between pieces: about ten times a second it lets the rest of the process
 * have a turn, and stops when the signal was aborted. (Synchronous file calls take half the processor time of
 * the others.)
 */
export function yieldRegularly(signal?: AbortSignal): () => Promise<void> | undefined {
  signal?.throwIfAborted();
  let last = performance.now();
  return () => {
    if (performance.now() - last < 100) return undefined;
    return setImmediate().then(() => {
      signal?.throwIfAborted();
      last = performance.now();
    });
  };
}
