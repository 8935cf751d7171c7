import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { leaseSchema } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import type { ObjectStore } from '../../../scripts/store/object-store.ts';
import { readRecord, replaceRecord } from '../../../scripts/store/records.ts';
import { withLease } from '../../../scripts/workflows/order/lease.ts';
import { errorOf } from '../../support/fakes/fake-changes.ts';
import { type FakeEnvironment, fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

const key = storeKeys.lease('shop', 'staging');
const leaseSeconds = 60;

/** Staging in a world of its own; `other` sees the same store through another clock. */
function staging(options: { store?: (store: ObjectStore) => ObjectStore } = {}) {
  const world = fakeWorld();
  const environment = fakeEnvironment(world, 'staging');
  const store = options.store?.(world.store) ?? world.store;
  return { world, environment: { ...environment, ports: { ...environment.ports, store } } };
}

const actor = (owner: string) => ({ owner, run: `run of ${owner}` });
const take = <T>(
  environment: FakeEnvironment,
  owner: string,
  work: (lost: AbortSignal) => Promise<T>,
  signal = new AbortController().signal,
) => withLease(environment, actor(owner), signal, work);

const lease = async ({ ports }: FakeEnvironment) => (await readRecord(ports.store, key, leaseSchema))?.value;

/** Somebody else writes the lease, whoever holds it. */
async function overwrite({ ports }: FakeEnvironment, change: { owner: string; released?: boolean }) {
  const found = await readRecord(ports.store, key, leaseSchema);
  const { owner, released = false } = change;
  const value = { owner, run: `run of ${owner}`, durationSeconds: leaseSeconds, released };
  await replaceRecord(ports.store, key, value, found?.etag);
}

/** A second of fake time at a time, and everything that it sets free. */
async function pass(seconds: number, clock: { advance(milliseconds: number): void }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (let second = 0; second < seconds; second++) {
    clock.advance(1000);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the lease of an environment', () => {
  it('is held while the work runs and released after it, whether that goes well or fails', async () => {
    const { environment } = staging();
    const seen = await take(environment, 'ann', () => lease(environment));
    expect(seen).toEqual({ ...actor('ann'), durationSeconds: leaseSeconds, released: false });
    expect(await lease(environment)).toMatchObject({ owner: 'ann', released: true });
    await expect(take(environment, 'bob', () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(await lease(environment)).toMatchObject({ owner: 'bob', released: true });
  });

  it('is renewed every third of its length, so that others see life', async () => {
    const { world, environment } = staging();
    const writes = async () => (await world.store.get(key))?.etag;
    await take(environment, 'ann', async () => {
      const first = await writes();
      await pass(19, world.clock);
      expect(await writes()).toBe(first);
      await pass(1, world.clock);
      const second = await writes();
      expect(second).not.toBe(first);
      await pass(20, world.clock);
      expect(await writes()).not.toBe(second);
    });
    const last = await writes();
    await pass(60, world.clock);
    expect(await writes()).toBe(last);
  });

  it('is lost when another holds it: the work learns who, and the lease of the other is left alone', async () => {
    const { world, environment } = staging();
    await take(environment, 'ann', async (lost) => {
      await overwrite(environment, { owner: 'bob' });
      expect(lost.aborted).toBe(false);
      await pass(20, world.clock);
      expect(lost.aborted).toBe(true);
      expect(lost.reason).toMatchObject({
        kind: 'errored',
        message: 'the lease of staging was lost: bob took it',
      });
    });
    expect(await lease(environment)).toMatchObject({ owner: 'bob', released: false });
    expect(environment.said).toEqual([]);
  });

  it('is not released over the head of another who took it unnoticed', async () => {
    const { environment } = staging();
    await take(environment, 'ann', () => overwrite(environment, { owner: 'bob' }));
    expect(await lease(environment)).toMatchObject({ owner: 'bob', released: false });
    expect(environment.said.join()).toContain('could not be released and will expire by itself: bob took it');
  });

  it('survives a store that does not answer for a moment, and is lost after two thirds of its length', async () => {
    let down = false;
    const failing = (store: ObjectStore): ObjectStore => ({
      get: (...all) => (down ? Promise.reject(new Error('no route')) : store.get(...all)),
      putIfAbsent: (...all) => store.putIfAbsent(...all),
      putIfMatch: (...all) => store.putIfMatch(...all),
      list: (...all) => store.list(...all),
      delete: (...all) => store.delete(...all),
    });
    const { world, environment } = staging({ store: failing });
    await take(environment, 'ann', async (lost) => {
      down = true;
      await pass(40, world.clock);
      expect(lost.aborted).toBe(false);
      down = false;
      await pass(20, world.clock);
      down = true;
      await pass(40, world.clock);
      expect(lost.aborted).toBe(false);
      await pass(20, world.clock);
      expect(lost.reason.message).toBe('the lease of staging was lost: no route');
      down = false;
    });
  });
});

it('a lease that is free is not taken after Ctrl-C', async () => {
  const { environment } = staging();
  const stop = new AbortController();
  stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
  const waiting = errorOf(take(environment, 'ann', async () => 'never', stop.signal));
  expect((await waiting).kind).toBe('interrupted');
  expect(await lease(environment)).toBeUndefined();
});

describe('a lease that somebody holds', () => {
  it('is refused as soon as its holder renews it, by name', async () => {
    const { world, environment } = staging();
    await overwrite(environment, { owner: 'bob' });
    const refusal = errorOf(take(environment, 'ann', async () => 'never'));
    await pass(3, world.clock);
    await overwrite(environment, { owner: 'bob' });
    await pass(2, world.clock);
    expect(await refusal).toMatchObject({
      kind: 'refused',
      retry: true,
      message: 'bob (run run of bob) is changing staging and renews its lease',
    });
    expect(environment.said[0]).toContain('taking it over unless it is renewed within 60 s');
  });

  it('is taken over when its full length has passed without life, by the own clock, and not a moment before', async () => {
    const { world, environment } = staging();
    await overwrite(environment, { owner: 'bob' });
    let taken = false;
    const work = take(environment, 'ann', async () => {
      taken = true;
      return lease(environment);
    });
    await pass(59, world.clock);
    expect(taken).toBe(false);
    await pass(1, world.clock);
    expect(await work).toMatchObject({ owner: 'ann', released: false });
  });

  it('is taken at once when it was released', async () => {
    const { environment } = staging();
    await overwrite(environment, { owner: 'bob', released: true });
    expect(await take(environment, 'ann', () => lease(environment))).toMatchObject({ owner: 'ann' });
    expect(environment.said).toEqual([]);
  });

  it('is not waited for any longer after Ctrl-C', async () => {
    const { world, environment } = staging();
    await overwrite(environment, { owner: 'bob' });
    const stop = new AbortController();
    const waiting = errorOf(take(environment, 'ann', async () => 'never', stop.signal));
    await pass(2, world.clock);
    stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
    expect((await waiting).kind).toBe('interrupted');
    expect(await lease(environment)).toMatchObject({ owner: 'bob' });
  });

  it('goes to one of two who wait for it to run out, and the other sees that one alive', async () => {
    const { world, environment } = staging();
    await overwrite(environment, { owner: 'bob' });
    const holding = Promise.withResolvers<void>();
    const results = ['ann', 'cid'].map((owner) =>
      take(environment, owner, () => holding.promise.then(() => owner)).catch((error: unknown) => error),
    );
    await pass(90, world.clock);
    holding.resolve();
    const [ann, cid] = await Promise.all(results);
    expect([ann, cid].filter((each) => typeof each === 'string')).toHaveLength(1);
    expect([ann, cid].find((each) => each instanceof LockstepError)).toMatchObject({ kind: 'refused' });
  });
});
