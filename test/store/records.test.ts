import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson, digestOf } from '../../scripts/domain/canonical.ts';
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
  it('is written once: who comes later is told, and nothing is replaced', async () => {
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

const role = { role: 'orders', environment: 'here' } as const;
const written = z.strictObject({ app: z.string(), number: z.int() });
/** What a later version may make of it, against the rule that grown fields have no default. */
const grown = written.extend({ colour: z.string().default('blue') });
const payload = { app: 'sample', number: 1 };

async function signedStore() {
  const [store, signer] = [new MemoryStore(), new MemorySigner()];
  await writeSigned(store, 'record.json', 'order', payload, (kind, digest) =>
    signer.sign(role, kind, digest),
  );
  return { store, key: await signer.publicKey(role) };
}

test('verifies a signed record as it was stored, also by a schema that has grown a default since', async () => {
  const { store, key } = await signedStore();
  const before = await readSigned(store, 'record.json', written, 'order', key);
  const after = await readSigned(store, 'record.json', grown, 'order', key);
  expect(after).toEqual(payload);
  expect(digestOf(after)).toBe(digestOf(before));
});

test('reads a hashed record with the digest that it was stored under, also by a grown or a laxer schema', async () => {
  const store = new MemoryStore();
  await writeOnce(store, 'record.json', payload);
  const laxer = z.object({ app: z.string() });
  for (const schema of [written, grown, laxer]) {
    const read = await readRecord(store, 'record.json', schema);
    expect(digestOf(read?.value)).toBe(digestOf(payload));
  }
});

test('sees a field that somebody added to a signed record, also where the schema would strip it', async () => {
  const { store, key } = await signedStore();
  const stored = await store.get('record.json');
  const record = JSON.parse(new TextDecoder().decode(stored?.body));
  const altered = canonicalJson({ ...record, payload: { ...payload, colour: 'red' } });
  await store.putIfMatch('record.json', new TextEncoder().encode(altered), stored?.etag ?? '');
  for (const schema of [grown, z.object(written.shape)]) {
    const read = readSigned(store, 'record.json', schema, 'order', key);
    await expect(read).rejects.toThrow('is not by the order key');
  }
});

test('refuses what is not as its schema says', async () => {
  const store = new MemoryStore();
  await writeOnce(store, 'record.json', { app: 'sample', number: 'one' });
  await expect(readRecord(store, 'record.json', written)).rejects.toThrow(
    "record.json in the release store can't be read",
  );
});
