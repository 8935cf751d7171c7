import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../domain/errors.ts';
import type { Clock } from '../../workflows/ports/clock.ts';

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  async wait(milliseconds, signal) {
    try {
      await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Node's AbortError hides the reason; callers render the reason.
      if (signal?.aborted) throw signal.reason ?? new Error(messageOf(error));
      throw error;
    }
  },
};
