import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../scripts/domain/canonical.ts';
import { hostCredentials } from '../../../scripts/store/s3/aws-credentials.ts';
import { S3Store } from '../../../scripts/store/s3/s3-store.ts';
import { partBytes } from '../../../scripts/store/s3/s3-upload.ts';
import { keysOf, objectStoreContract } from '../../support/contracts/object-store-contract.ts';
import { skippedBecause } from '../../support/run/skipped-because.ts';
import { Ministack, whyNoMinistack } from '../../support/servers/ministack.ts';
import { emulatedAws, newBucket } from '../../support/servers/ministack-bucket.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const why = whyNoMinistack();

/**
 * An emulator, which honours S3's conditions and knows its metadata, ranges and uploads in parts. That S3
 * does is not proved here, nor anything of signatures, which the emulator doesn't check.
 */
describe('S3', skippedBecause(why), () => {
  let emulator: Ministack;
  beforeAll(async () => {
    emulator = await Ministack.start();
  });
  afterAll(() => emulator.stop());

  objectStoreContract('a bucket', async () => {
    const { open } = await newBucket(emulator.endpoint);
    return { open, remove: async () => undefined };
  });

  it('reads ranges of a record that was swapped, which has more bytes in the bucket', async () => {
    const { open } = await newBucket(emulator.endpoint);
    const store = open();
    await store.putIfAbsent('record.json', bytes('{}'));
    const { etag } = (await store.get('record.json')) ?? { etag: '' };
    await store.putIfMatch('record.json', bytes('0123456789'), etag);
    const read = async (offset: number, length: number) =>
      new TextDecoder().decode((await store.get('record.json', { offset, length }))?.body);
    expect(await read(2, 3)).toBe('234');
    expect(await read(8, 100)).toBe('89');
    expect(await read(8, 0)).toBe('');
    expect(await read(20, 5)).toBe('');
    expect(await read(5000, 5)).toBe('');
  });

  it('leaves records that are JSON for whoever reads the bucket without it', async () => {
    const { open, exchange } = await newBucket(emulator.endpoint);
    await open().putIfAbsent('record.json', bytes('{"n":1}'));
    const { etag } = (await open().get('record.json')) ?? { etag: '' };
    await open().putIfMatch('record.json', bytes('{"n":2}'), etag);
    const { answer } = await exchange.send({ method: 'GET', key: 'record.json', expected: [200] });
    expect(JSON.parse(new TextDecoder().decode(answer.body))).toEqual({ n: 2 });
  });

  it('creates a stream of many parts once, and keeps none of one that breaks off', async () => {
    const { open, exchange } = await newBucket(emulator.endpoint);
    const store = open();
    const chunk = new Uint8Array(partBytes / 2 + 1).map((_, n) => n % 251);
    async function* large(breaks: boolean) {
      for (let n = 0; n < 5; n++) yield chunk;
      if (breaks) throw new Error('the line went dead');
    }
    await expect(store.putIfAbsent('packs/a.pack', large(true))).rejects.toThrow('the line went dead');
    expect(await keysOf(store, 'packs/')).toEqual([]);
    const uploads = await exchange.send({ method: 'GET', key: '', query: { uploads: '' }, expected: [200] });
    expect(new TextDecoder().decode(uploads.answer.body)).not.toContain('<UploadId>');

    expect(await store.putIfAbsent('packs/a.pack', large(false))).toBe('created');
    const whole = Buffer.concat([chunk, chunk, chunk, chunk, chunk]);
    expect(sha256((await store.get('packs/a.pack'))?.body ?? new Uint8Array())).toBe(sha256(whole));
    expect(await store.putIfAbsent('packs/a.pack', large(false))).toBe('exists');
    const range = await store.get('packs/a.pack', { offset: partBytes - 3, length: 6 });
    expect([...(range?.body ?? [])]).toEqual([...whole.subarray(partBytes - 3, partBytes + 3)]);
  });

  it('gives one of two streams that end at the same time the object', async () => {
    const { open } = await newBucket(emulator.endpoint);
    const gate = Promise.withResolvers<void>();
    let ready = 0;
    async function* large(value: number) {
      yield new Uint8Array(partBytes).fill(value);
      yield new Uint8Array(1).fill(value);
      ready += 1;
      if (ready === 2) gate.resolve();
      await gate.promise;
    }
    const answers = await Promise.all([1, 2].map((value) => open().putIfAbsent('once', large(value))));
    expect(answers.toSorted()).toEqual(['created', 'exists']);
    const stands = await open().get('once', { offset: partBytes, length: 1 });
    expect(stands?.body).toEqual(new Uint8Array([answers.indexOf('created') + 1]));
  });

  it('lists more keys than one answer holds', async () => {
    const { open } = await newBucket(emulator.endpoint);
    const store = open();
    const keys = Array.from({ length: 1003 }, (_, n) => `many/${String(n).padStart(4, '0')}~'(x)!*+%40`);
    for (let n = 0; n < keys.length; n += 50) {
      await Promise.all(keys.slice(n, n + 50).map((key) => store.putIfAbsent(key, bytes('x'))));
    }
    expect(await keysOf(store, 'many/')).toEqual(keys);
  });

  it('says what to do where there is no bucket', async () => {
    const environment = emulatedAws(emulator.endpoint);
    const world = { environment, credentials: hostCredentials({ environment }) };
    const missing = new S3Store({ bucket: 'lockstep-store-nowhere', region: 'eu-central-1' }, world);
    const words = { kind: 'errored', fix: expect.stringContaining('lockstep bootstrap') };
    await expect(missing.get('a')).rejects.toMatchObject(words);
    await expect(missing.putIfAbsent('a', bytes('x'))).rejects.toMatchObject(words);
    await expect(keysOf(missing, 'a/')).rejects.toMatchObject(words);
  });
});
