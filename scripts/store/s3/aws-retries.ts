import { setTimeout as wait } from 'node:timers/promises';
import { LockstepError } from '../../domain/errors.ts';
import { hasExpired, mayPass } from './aws-answer.ts';
import type { WebAnswer } from './round-trip.ts';

export type RetryWorld = {
  signal?: AbortSignal | undefined;
  /** Waits before a try is repeated. */
  pause?: (milliseconds: number) => Promise<void>;
};

/**
 * What an answer means: what the caller asked for, or a refusal with the error that it becomes when all is
 * tried.
 */
export type Judged<T> = { understood: T } | { status: number; code: string; error: LockstepError };

export type RetriedRequest<T> = {
  /** One try. `renew`: AWS has just refused the credentials as expired. */
  send: (renew: boolean) => Promise<WebAnswer>;
  judge: (answer: WebAnswer) => Judged<T>;
  /** The error where no answer came, after the last try. */
  unreachable: (cause: unknown) => LockstepError;
};

const tries = 8;
const firstPauseMilliseconds = 100;
const longestPauseMilliseconds = 5_000;

/**
 * Sends a request to AWS until the answer is understood. What may pass (throttling, 5xx, a broken line, a
 * write at the same time) is tried again as it was, expired credentials once with new ones.
 *
 * @returns `doubtful`: an earlier try of the same request was lost, and may have been carried out.
 * @throws LockstepError of a refusal that does not pass, and when all tries are used up.
 */
export async function sendWithRetries<T>(
  { signal, pause = (milliseconds) => wait(milliseconds, undefined, { signal }) }: RetryWorld,
  { send, judge, unreachable }: RetriedRequest<T>,
): Promise<{ value: T; doubtful: boolean }> {
  let doubtful = false;
  let renew = false;
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    const judged = await send(renew).then(judge, (error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof LockstepError) throw error;
      return { lost: true, error: unreachable(error) };
    });
    if ('understood' in judged) return { value: judged.understood, doubtful };
    if ('lost' in judged) {
      if (tried === tries) throw judged.error;
      doubtful = true;
    } else {
      const { status, code, error } = judged;
      const expired = hasExpired(code);
      if (tried === tries || !(mayPass(status, code) || (expired && !renew))) throw error;
      renew = expired;
      doubtful ||= status >= 500;
    }
    // Half of it by chance, so that many hosts that met the same trouble don't come back together.
    const longest = Math.min(firstPauseMilliseconds * 2 ** (tried - 1), longestPauseMilliseconds);
    await pause(longest / 2 + (Math.random() * longest) / 2);
  }
}
