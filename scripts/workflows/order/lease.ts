import { errored, messageOf, refused } from '../../domain/errors.ts';
import { type Lease, leaseSchema } from '../../domain/order/order.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { type Read, readRecord, replaceRecord } from '../../store/records.ts';
import type { Actor, Environment } from '../environment/environment.ts';

/**
 * Runs `work` while holding the environment's lease, renewed every third of its length. `lost` is aborted
 * when the lease can no longer be renewed: then another deployer may be at work, and only the hosts' fences
 * protect them.
 *
 * A lease that somebody holds is refused as soon as its holder renews it (its etag changes). It is taken over
 * when it was released, or when its full length has passed on this process's own monotonic clock with the
 * etag unchanged: no clock of another machine is ever compared.
 */
export async function withLease<T>(
  environment: Environment,
  actor: Actor,
  signal: AbortSignal,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const { store, clock } = environment.ports;
  const key = storeKeys.lease(environment.app, environment.name);
  const mine: Lease = {
    owner: actor.owner,
    run: actor.run,
    durationSeconds: environment.rollout.leaseSeconds,
    released: false,
  };
  await acquire(environment, key, mine, signal);

  const lost = new AbortController();
  const done = new AbortController();
  const renewal = renew().catch((error: unknown) => {
    if (!done.signal.aborted)
      lost.abort(errored(`the lease of ${environment.name} was lost: ${messageOf(error)}`));
  });
  try {
    return await work(lost.signal);
  } finally {
    done.abort();
    await renewal;
    if (!lost.signal.aborted) {
      await write({ ...mine, released: true }).catch((error: unknown) =>
        environment.ports.reporter.warn(
          `the lease could not be released and will expire by itself: ${messageOf(error)}`,
        ),
      );
    }
  }

  async function renew(): Promise<void> {
    const third = (mine.durationSeconds * 1000) / 3;
    let renewedAt = clock.monotonic();
    while (!done.signal.aborted) {
      await clock.wait(third, done.signal);
      try {
        await write(mine);
        renewedAt = clock.monotonic();
      } catch (error) {
        // The lease is not lost while the store fails to answer for a moment; it is when the store shows
        // another owner.
        if (error instanceof LeaseTaken || clock.monotonic() - renewedAt > 2 * third) throw error;
      }
    }
  }

  async function write(lease: Lease): Promise<void> {
    const read = await readRecord(store, key, leaseSchema);
    if (read?.value.run !== mine.run) throw new LeaseTaken(read);
    if ((await replaceRecord(store, key, lease, read.etag)) === 'mismatch') throw new LeaseTaken(undefined);
  }
}

class LeaseTaken extends Error {
  constructor(read: Read<Lease> | undefined) {
    super(read === undefined ? 'another deployer took it' : `${read.value.owner} took it`);
  }
}

async function acquire(
  environment: Environment,
  key: string,
  mine: Lease,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, reporter } = environment.ports;
  let seen: { etag: string; since: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const read = await readRecord(store, key, leaseSchema);
    const held = read !== undefined && !read.value.released ? read : undefined;
    if (held === undefined) {
      if ((await replaceRecord(store, key, mine, read?.etag)) === 'written') return;
      continue;
    }
    const now = clock.monotonic();
    const { owner, run, durationSeconds } = held.value;
    if (seen === undefined) {
      seen = { etag: held.etag, since: now };
      reporter.info(
        `${owner} (run ${run}) holds the lease of ${environment.name}; taking it over unless it is renewed within ${durationSeconds} s`,
      );
    } else if (seen.etag !== held.etag) {
      throw refused(`${owner} (run ${run}) is changing ${environment.name} and renews its lease`, {
        retry: true,
        fix: `Wait until that run has ended; \`lockstep status ${environment.name}\` shows its lease.`,
      });
    } else if (now - seen.since >= durationSeconds * 1000) {
      if ((await replaceRecord(store, key, mine, held.etag)) === 'written') return;
      continue;
    }
    await clock.wait(Math.min(1000, (durationSeconds * 1000) / 10), signal);
  }
}
