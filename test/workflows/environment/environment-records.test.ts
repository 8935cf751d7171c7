import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import { keyIdOf } from '../../../scripts/domain/signature.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import type { ObjectStore } from '../../../scripts/store/object-store.ts';
import { EnvironmentRecords } from '../../../scripts/workflows/environment/environment-records.ts';
import { MemorySigner } from '../../support/fakes/memory-signer.ts';
import { MemoryStore } from '../../support/fakes/memory-store.ts';
import { committed, digest, newYear, receiptFor, sampleOrder } from '../../support/records/sample-order.ts';

function open() {
  const [store, signer] = [new MemoryStore(), new MemorySigner()];
  return { store, signer, records: new EnvironmentRecords({ store, signer }, 'shop', 'production') };
}

const orders = [1, 2, 3].map((number) => sampleOrder({ number }));
const [first = sampleOrder(), second = sampleOrder(), third = sampleOrder()] = orders;

describe('the chain of orders', () => {
  it('is read from the hint on, whole when asked, each order with its outcome', async () => {
    const { records } = open();
    for (const order of orders) await records.writeOrder(order);
    await records.writeOutcome(committed(second));
    await records.moveHint(2);
    expect(await records.orders()).toEqual([
      { order: second, outcome: committed(second) },
      { order: third, outcome: undefined },
    ]);
    expect((await records.orders(true)).map(({ order }) => order.number)).toEqual([1, 2, 3]);
    expect(await records.lastCommitted()).toEqual(second);
    expect(await records.entry(4)).toBeUndefined();
  });

  it('has one order of a number: a second deployer is refused, and may try again', async () => {
    const { records } = open();
    await records.writeOrder(first);
    await expect(records.writeOrder({ ...first, by: 'bob' })).rejects.toMatchObject({
      kind: 'refused',
      retry: true,
      message: 'order 1 of production was written by another deployer just now',
    });
    expect(await records.order(1)).toEqual(first);
  });

  it('has one outcome for each order: the first one is kept', async () => {
    const { records } = open();
    expect(await records.writeOutcome(committed(first, { result: 'abandoned' }))).toBe('created');
    expect(await records.writeOutcome(committed(first))).toBe('exists');
    expect((await records.outcome(1))?.result).toBe('abandoned');
  });

  it('is signed by the key of orders of this environment, and by no other', async () => {
    const { records, store, signer } = open();
    await records.writeOrder(first);
    const elsewhere = new EnvironmentRecords({ store, signer }, 'shop', 'staging');
    const key = storeKeys.order('shop', 'staging', 1);
    await store.putIfAbsent(
      key,
      (await store.get(storeKeys.order('shop', 'production', 1)))?.body ?? Buffer.of(),
    );
    await expect(elsewhere.order(1)).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('the hint', () => {
  it('moves forward, and never back', async () => {
    const { records } = open();
    expect(await records.hint()).toBeUndefined();
    for (const [to, stands] of [
      [2, 2],
      [1, 2],
      [2, 2],
      [3, 3],
    ] as const) {
      await records.moveHint(to);
      expect(await records.hint()).toBe(stands);
    }
  });

  it('is not written where it stands already', async () => {
    const { records, store } = open();
    await records.moveHint(2);
    const before = await store.get(storeKeys.committed('shop', 'production'));
    await records.moveHint(2);
    expect(await store.get(storeKeys.committed('shop', 'production'))).toEqual(before);
  });

  it.each([9, 3])('ends at the highest of two that are moved at once, here 5 and %i', async (other) => {
    const { records, store, signer } = open();
    await records.moveHint(1);
    let overtaken = false;
    const slow: ObjectStore = {
      get: (...all) => store.get(...all),
      putIfAbsent: (...all) => store.putIfAbsent(...all),
      putIfMatch: async (...all) => {
        if (!overtaken) {
          overtaken = true;
          await records.moveHint(other);
        }
        return store.putIfMatch(...all);
      },
      list: (...all) => store.list(...all),
      delete: (...all) => store.delete(...all),
    };
    await new EnvironmentRecords({ store: slow, signer }, 'shop', 'production').moveHint(5);
    expect(await records.hint()).toBe(Math.max(5, other));
  });
});

describe('receipts of a release', () => {
  it('come oldest order first, by number and not by text, each with its revocation', async () => {
    const { records } = open();
    const receipt = (order: number) => receiptFor(first, { environment: 'production', order });
    for (const n of [10, 9, 2]) await records.writeReceipt(receipt(n));
    await records.writeReceipt({ ...receipt(3), release: digest('another') });
    const revocation = {
      app: 'shop',
      environment: 'production',
      order: 9,
      release: first.release,
      reason: 'smoke failed',
      at: newYear.toISOString(),
    };
    await records.writeRevocation(revocation);
    expect(await records.receipts(first.release)).toEqual([
      { receipt: receipt(2), revocation: undefined },
      { receipt: receipt(9), revocation },
      { receipt: receipt(10), revocation: undefined },
    ]);
    expect(await records.receipts(digest('never'))).toEqual([]);
  });

  it('and their revocations are signed by the key of receipts, which orders are not', async () => {
    const { records, store, signer } = open();
    const receipt = receiptFor(first, { environment: 'production', order: 1 });
    await records.writeReceipt(receipt);
    const at = newYear.toISOString();
    const { release } = first;
    await records.writeRevocation({
      app: 'shop',
      environment: 'production',
      order: 1,
      release,
      reason: 'x',
      at,
    });
    await records.writeOrder(first);
    const keyOf = async (key: string) =>
      JSON.parse(new TextDecoder().decode((await store.get(key))?.body)).signature.key;
    const idOf = async (role: 'orders' | 'receipts') =>
      keyIdOf(await signer.publicKey({ role, environment: 'production' }));
    const receipts = await idOf('receipts');
    expect(await keyOf(storeKeys.receipt('shop', 'production', release, 1))).toBe(receipts);
    expect(await keyOf(storeKeys.revocation('shop', 'production', release, 1))).toBe(receipts);
    expect(await keyOf(storeKeys.order('shop', 'production', 1))).toBe(await idOf('orders'));
  });

  it('are signed by the key of receipts: one signed as an order is none', async () => {
    const { records, store, signer } = open();
    const receipt = receiptFor(first, { environment: 'production', order: 1 });
    const signature = await signer.sign(
      { role: 'orders', environment: 'production' },
      'receipt',
      digestOf(receipt),
    );
    const key = storeKeys.receipt('shop', 'production', first.release, 1);
    await store.putIfAbsent(key, new TextEncoder().encode(JSON.stringify({ payload: receipt, signature })));
    await expect(records.receipts(first.release)).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('env values of an order', () => {
  it('are those of their digest, or an error: altered ones are never used', async () => {
    const { records, store } = open();
    const config = { app: 'shop', environment: 'production', values: { COLOUR: 'red' } };
    const key = await records.writeConfig(config);
    expect(await records.config(key)).toEqual(config);
    await expect(records.config(digest('never'))).rejects.toMatchObject({ kind: 'errored' });
    const found = await store.get(storeKeys.config(key));
    const altered = new TextEncoder().encode(JSON.stringify({ ...config, values: { COLOUR: 'blue' } }));
    await store.putIfMatch(storeKeys.config(key), altered, found?.etag ?? '');
    await expect(records.config(key)).rejects.toMatchObject({
      kind: 'errored',
      message: expect.stringContaining('missing from the store or was altered'),
    });
  });
});

describe('a record that could not be read again', () => {
  it('is not written, and neither signed: an order, an outcome, a receipt', async () => {
    const { records, store } = open();
    const blank = { ...first, basis: { kind: 'override', reason: '' } } as const;
    await expect(records.writeOrder(blank)).rejects.toMatchObject({
      kind: 'errored',
      message: expect.stringContaining('orders/1.json is not written'),
      details: [expect.stringContaining('basis.reason')],
    });
    await expect(records.writeOutcome({ ...committed(first), order: 0 })).rejects.toThrow('is not written');
    await expect(records.writeReceipt({ ...receiptFor(first), at: 'today' })).rejects.toThrow(
      'is not written',
    );
    const written = [];
    for await (const { key } of store.list('apps/')) written.push(key);
    expect(written).toEqual([]);
  });
});
