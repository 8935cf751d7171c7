import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import { outcomeOf, receiptOf } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { HostRecords } from '../../../scripts/host/orders/host-records.ts';
import { parseManifest } from '../../../scripts/store/releases.ts';
import { HostWorld } from '../../support/fakes/host-world.ts';

const files = { 'server.js': '' };

describe('records as a host reads them', () => {
  let world: HostWorld;
  let release = '';
  let records: HostRecords;
  beforeAll(async () => {
    world = await HostWorld.create({ upstream: 'staging' });
    release = await world.release(files);
    records = new HostRecords(world.host());
  });
  afterAll(() => world.close());

  const put = async (key: string, change: (text: string) => string) => {
    const found = await world.store.get(key);
    const text = change(new TextDecoder().decode(found?.body));
    await world.store.putIfMatch(key, new TextEncoder().encode(text), found?.etag ?? '');
  };

  test('the last committed order is the newest with an outcome that is bound to it', async () => {
    expect(await records.lastCommitted()).toBeUndefined();
    const first = await world.order(release);
    expect(await records.lastCommitted()).toBeUndefined();
    await world.outcome(first);
    expect(await records.lastCommitted()).toBe(first);
    await world.outcome(await world.order(release), 'failed');
    expect(await records.lastCommitted()).toBe(first);
    const third = await world.order(release);
    await world.outcome(third);
    expect(await records.lastCommitted()).toBe(third);
  });

  test('an outcome for another order of that number commits nothing', async () => {
    const before = await records.lastCommitted();
    const number = await world.order(release);
    const another = { ...world.lastOrder(), tag: 'another' };
    const key = storeKeys.outcome(world.app, 'here', number);
    await world.sign(key, 'outcome', outcomeOf(another, 'committed', { now: new Date() }), {
      role: 'orders',
      environment: 'here',
    });
    expect(await records.lastCommitted()).toBe(before);
    const hint = storeKeys.committed(world.app, 'here');
    await world.store.putIfAbsent(hint, Buffer.from(JSON.stringify({ order: number })));
    expect(await records.lastCommitted()).toBe(before);
    await world.store.delete(hint);
  });

  test('an order that was copied under the next number commits nothing there', async () => {
    const number = world.lastOrder().number;
    await world.store.delete(storeKeys.outcome(world.app, 'here', number));
    await world.outcome(number);
    expect(await records.lastCommitted()).toBe(number);
    for (const key of [storeKeys.order, storeKeys.outcome]) {
      const found = await world.store.get(key(world.app, 'here', number));
      await world.store.putIfAbsent(key(world.app, 'here', number + 1), found?.body ?? Buffer.of());
    }
    expect(await records.lastCommitted()).toBe(number);
    await world.store.delete(storeKeys.order(world.app, 'here', number + 1));
    await world.store.delete(storeKeys.outcome(world.app, 'here', number + 1));
  });

  test('an order is read with its signature, to be kept beside what it brings about', async () => {
    const number = world.lastOrder().number;
    expect(await records.signedOrder(number)).toMatchObject({
      payload: { number },
      signature: { value: expect.any(String) },
    });
    expect(await records.signedOrder(number + 1)).toBeUndefined();
  });

  test('a receipt is of the upstream that the host was provisioned with, and of nobody without one', async () => {
    const receipt = { ...receiptOf(world.lastOrder(), [], new Date()), environment: 'staging', order: 8 };
    const key = storeKeys.receipt(world.app, 'staging', release, 8);
    await world.sign(key, 'receipt', receipt, { role: 'receipts', environment: 'staging' });
    expect(await records.upstreamReceipt(release, 8)).toEqual(receipt);
    expect(await records.upstreamReceipt(release, 9)).toBeUndefined();
    const { provisioning } = world.host();
    for (const change of [{ upstream: null }, { keys: { ...provisioning.keys, upstreamReceipts: null } }]) {
      const alone = new HostRecords({ ...world.host(), provisioning: { ...provisioning, ...change } });
      expect(await alone.upstreamReceipt(release, 8)).toBeUndefined();
    }
  });

  test('env values are those of their digest', async () => {
    const { config } = world.lastOrder();
    expect(await records.config(config)).toMatchObject({ app: world.app, environment: 'here' });
    await expect(records.config(digestOf('never'))).rejects.toMatchObject({ kind: 'refused' });
    await put(storeKeys.config(config), (text) => text.replace('"values":{}', '"values":{"A":"b"}'));
    await expect(records.config(config)).rejects.toThrow('missing from the store, or were altered there');
  });

  test('a release is there only whole: seal, manifest, build record and list of packs', async () => {
    for (const part of [
      storeKeys.releaseSignature,
      storeKeys.releaseManifest,
      storeKeys.releaseBuild,
      storeKeys.releasePacks,
    ]) {
      const digest = await world.release({ ...files, [`${part.name}.txt`]: part(release) });
      expect((await records.release(digest)).digest).toBe(digest);
      await world.store.delete(part(digest));
      await expect(records.release(digest)).rejects.toMatchObject({ kind: 'refused' });
    }
  });

  test('a build record that is not the sealed one is refused', async () => {
    const digest = await world.release({ ...files, 'b.txt': 'b' });
    await put(storeKeys.releaseBuild(digest), (text) => text.replace('"builtBy":"test"', '"builtBy":"me"'));
    await expect(records.release(digest)).rejects.toThrow("the builder's seal is for another build");
  });

  test('bytes of a manifest are those of its digest', async () => {
    const bytes = (await world.store.get(storeKeys.releaseManifest(release)))?.body ?? Buffer.of();
    expect(parseManifest(bytes, release).app.name).toBe(world.app);
    expect(() => parseManifest(Buffer.concat([bytes, Buffer.from(' ')]), release)).toThrow('was altered');
  });
});
