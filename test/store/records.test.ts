import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../../scripts/domain/canonical.ts';
import {
  readRecord,
  readSigned,
  replaceRecord,
  writeOnce,
  writeSigned,
} from '../../scripts/store/records.ts';
import { MemorySigner } from '../support/fakes/memory-signer.ts';
import { MemoryStore } from '../support/fakes/memory-store.ts';

const schema = z.strictObject({ name: z.string(), count: z.int() });
const value = { name: 'a', count: 1 };
const orders = { role: 'orders', environment: 'here' } as const;

describe('a record', () => {
  it('is written once: a later writer learns of it, and nothing is replaced', async () => {
    const store = new MemoryStore();
    expect(await writeOnce(store, 'a.json', value)).toBe('created');
    expect(await writeOnce(store, 'a.json', { ...value, count: 2 })).toBe('exists');
    expect((await readRecord(store, 'a.json', schema))?.value).toEqual(value);
    expect(await readRecord(store, 'b.json', schema)).toBeUndefined();
  });

  it('is spelled in one way, whatever the order of its fields', async () => {
    const store = new MemoryStore();
    await writeOnce(store, 'a.json', { count: 1, name: 'a' });
    expect(new TextDecoder().decode((await store.get('a.json'))?.body)).toBe(canonicalJson(value));
  });

  it('that something else wrote is an error that names it, not a value', async () => {
    const store = new MemoryStore();
    for (const [key, text] of [
      ['a.json', '{"name": "a"'],
      ['b.json', '{"name": "a", "count": "1"}'],
      ['c.json', '{"name": "a", "count": 1, "more": 2}'],
    ] as const) {
      await store.putIfAbsent(key, new TextEncoder().encode(text));
      await expect(readRecord(store, key, schema)).rejects.toMatchObject({
        kind: 'errored',
        message: expect.stringContaining(key),
      });
    }
  });

  it('that may change is replaced only by who has seen what stands there', async () => {
    const store = new MemoryStore();
    expect(await replaceRecord(store, 'a.json', value, 'an etag')).toBe('mismatch');
    expect(await replaceRecord(store, 'a.json', value, undefined)).toBe('written');
    expect(await replaceRecord(store, 'a.json', value, undefined)).toBe('mismatch');
    const etag = (await readRecord(store, 'a.json', schema))?.etag;
    expect(await replaceRecord(store, 'a.json', { ...value, count: 2 }, etag)).toBe('written');
    expect(await replaceRecord(store, 'a.json', { ...value, count: 3 }, etag)).toBe('mismatch');
    expect((await readRecord(store, 'a.json', schema))?.value.count).toBe(2);
  });
});

describe('a signed record', () => {
  const write = async (store: MemoryStore, signer: MemorySigner) =>
    writeSigned(store, 'a.json', 'order', value, (kind, digest) => signer.sign(orders, kind, digest));

  it('is read with the key that signed it, for what it was signed', async () => {
    const [store, signer] = [new MemoryStore(), new MemorySigner()];
    const key = await signer.publicKey(orders);
    expect(await readSigned(store, 'a.json', schema, 'order', key)).toBeUndefined();
    expect(await write(store, signer)).toBe('created');
    expect(await write(store, signer)).toBe('exists');
    expect(await readSigned(store, 'a.json', schema, 'order', key)).toEqual(value);
  });

  it('is refused with another key, as another kind, or with another payload', async () => {
    const [store, signer] = [new MemoryStore(), new MemorySigner()];
    await write(store, signer);
    const [key, other] = [await signer.publicKey(orders), await signer.publicKey({ role: 'build' })];
    const refusal = {
      kind: 'refused',
      message: expect.stringContaining('the signature of a.json is not by'),
    };
    await expect(readSigned(store, 'a.json', schema, 'order', other)).rejects.toMatchObject(refusal);
    await expect(readSigned(store, 'a.json', schema, 'outcome', key)).rejects.toMatchObject(refusal);
    const found = await store.get('a.json');
    const forged = new TextDecoder().decode(found?.body).replace('"count":1', '"count":2');
    await store.putIfMatch('a.json', new TextEncoder().encode(forged), found?.etag ?? '');
    await expect(readSigned(store, 'a.json', schema, 'order', key)).rejects.toMatchObject(refusal);
  });
});
