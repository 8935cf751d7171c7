import { expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson, digestOf } from '../../scripts/domain/canonical.ts';
import { readRecord, readSigned, writeOnce, writeSigned } from '../../scripts/store/records.ts';
import { MemorySigner } from '../support/fakes/memory-signer.ts';
import { MemoryStore } from '../support/fakes/memory-store.ts';

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
