import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { errored } from '../domain/errors.ts';
import {
  identityOf,
  isAlive,
  type ProcessIdentity,
  processIdentitySchema,
} from '../machine/process-identity.ts';
import type { ObjectStore } from './object-store.ts';
import { readRecord, replaceRecord } from './records.ts';

const ownershipSchema = z.strictObject({
  owner: processIdentitySchema,
  verb: z.string(),
  released: z.boolean(),
});
type Ownership = z.infer<typeof ownershipSchema>;

const pollMilliseconds = 100;
/** Longer than any activation takes by its manifest's usual times; a dead owner is not waited for at all. */
const lockPatienceSeconds = 600;

/**
 * One owner among the processes of a machine, by compare and swap: it is taken over at once when it was
 * released or its owner is dead (by pid and birth), so a kill -9 leaves nothing to clear away. One process
 * may ask for it several times at once: only one call has it.
 */
export class ProcessLock {
  readonly #state: ObjectStore;
  readonly #key: string;
  readonly #subject: string;

  /** `subject`: what it locks, for messages: `the host`. */
  constructor(state: ObjectStore, key: string, subject: string) {
    this.#state = state;
    this.#key = key;
    this.#subject = subject;
  }

  /** The living process that owns it. */
  async owner(): Promise<ProcessIdentity | undefined> {
    const found = (await readRecord(this.#state, this.#key, ownershipSchema))?.value;
    return found !== undefined && !found.released && (await isAlive(found.owner)) ? found.owner : undefined;
  }

  /** Undefined when another living process owns it; otherwise the function that gives it back. */
  async tryAcquire(verb: string): Promise<(() => Promise<void>) | undefined> {
    const owner = await identityOf(process.pid);
    if (owner === undefined) throw errored('this process cannot find itself in the process table');
    const mine: Ownership = { owner, verb, released: false };
    const found = await readRecord(this.#state, this.#key, ownershipSchema);
    if (found !== undefined && !found.value.released && (await isAlive(found.value.owner))) return undefined;
    if ((await replaceRecord(this.#state, this.#key, mine, found?.etag)) === 'mismatch') return undefined;
    return async () => {
      const current = await readRecord(this.#state, this.#key, ownershipSchema);
      if (current?.value.owner.pid === owner.pid && current.value.owner.birth === owner.birth)
        await replaceRecord(this.#state, this.#key, { ...mine, released: true }, current.etag);
    };
  }

  /**
   * Runs `work` as the owner, waiting for a living one.
   * @throws LockstepError errored when another owner lives on for `patienceSeconds`.
   */
  async during<T>(
    verb: string,
    work: () => Promise<T>,
    options: { signal?: AbortSignal; patienceSeconds?: number } = {},
  ): Promise<T> {
    const { signal, patienceSeconds = lockPatienceSeconds } = options;
    const giveUpAt = performance.now() + patienceSeconds * 1000;
    let release = await this.tryAcquire(verb);
    while (release === undefined) {
      signal?.throwIfAborted();
      if (performance.now() > giveUpAt) {
        const holder = (await readRecord(this.#state, this.#key, ownershipSchema))?.value;
        throw errored(
          `${this.#subject} is busy: \`${holder?.verb ?? 'another verb'}\` (process ${holder?.owner.pid ?? '?'}) ` +
            `has held its lock for more than ${patienceSeconds} s`,
          {
            retry: true,
            fix: 'Wait for it, or end that process: the lock is then free at once.',
          },
        );
      }
      await wait(pollMilliseconds);
      release = await this.tryAcquire(verb);
    }
    try {
      return await work();
    } finally {
      await release();
    }
  }
}
