import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsCredentials } from '../../../scripts/store/s3/aws-credentials.ts';
import { S3Store } from '../../../scripts/store/s3/s3-store.ts';
import { partBytes } from '../../../scripts/store/s3/s3-upload.ts';
import { textAt } from '../../support/contracts/object-store-contract.ts';
import { type Fault, S3StandIn } from '../../support/servers/s3-stand-in.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/**
 * Trouble on the way to S3, made by a stand-in: that S3 makes this trouble, and no other, is not proved here.
 */
describe('trouble on the way to S3', () => {
  let s3: S3StandIn;
  let store: S3Store;
  let pauses: number[];
  let renewals: boolean[];
  /** Of another process. */
  let other: S3Store;

  beforeEach(async () => {
    s3 = new S3StandIn();
    pauses = [];
    renewals = [];
    const world = {
      environment: { AWS_ENDPOINT_URL: await s3.start() },
      credentials: async (renew = false): Promise<AwsCredentials> => {
        renewals.push(renew);
        return { accessKeyId: 'id', secretAccessKey: 'secret' };
      },
      pause: async (milliseconds: number) => {
        pauses.push(milliseconds);
      },
    };
    store = new S3Store({ bucket: 'store', region: 'eu-central-1' }, world);
    other = new S3Store({ bucket: 'store', region: 'eu-central-1' }, world);
  });
  afterEach(() => s3.stop());

  const etagAt = async (key: string) => (await store.get(key))?.etag ?? '';
  const busy = (times: number, status = 503, code = 'SlowDown'): Fault[] =>
    Array.from({ length: times }, () => ({ how: 'answer', status, code }));
  const swapped = async (by: S3Store, text: string) => {
    expect(await by.putIfMatch('a', bytes(text), await etagAt('a'))).not.toBe('mismatch');
  };

  describe('an answer that is lost', () => {
    it('does not hide that the object was created', async () => {
      s3.faults.push({ how: 'lose answer', method: 'PUT' });
      expect(await store.putIfAbsent('a', bytes('mine'))).toBe('created');
      expect(await textAt(store, 'a')).toBe('mine');
    });

    it("does not make another's object one's own, whatever its bytes", async () => {
      await other.putIfAbsent('a', bytes('same'));
      s3.faults.push({ how: 'lose answer', method: 'PUT' });
      expect(await store.putIfAbsent('a', bytes('same'))).toBe('exists');
    });

    it('does not hide that the object was replaced', async () => {
      await store.putIfAbsent('a', bytes('1'));
      await swapped(store, '2');
      s3.faults.push({ how: 'lose answer', method: 'PUT' });
      const answer = await store.putIfMatch('a', bytes('3'), await etagAt('a'));
      expect(answer).toEqual({ etag: await etagAt('a') });
      expect(await textAt(store, 'a')).toBe('3');
    });

    it('does not hide it either when another replaced it since: the etag is then good for nothing', async () => {
      await store.putIfAbsent('a', bytes('1'));
      const etag = await etagAt('a');
      s3.faults.push(
        { how: 'lose answer', method: 'PUT' },
        { how: 'meanwhile', method: 'PUT', does: () => swapped(other, 'theirs') },
      );
      const answer = await store.putIfMatch('a', bytes('mine'), etag);
      expect(answer).toMatchObject({ etag: expect.stringMatching(/replaced$/) });
      const mine = answer === 'mismatch' ? '' : answer.etag;
      expect(await store.putIfMatch('a', bytes('again'), mine)).toBe('mismatch');
      expect(await textAt(store, 'a')).toBe('theirs');
    });

    it('is no success where the request was lost, and another wrote', async () => {
      await store.putIfAbsent('a', bytes('1'));
      const etag = await etagAt('a');
      s3.faults.push({ how: 'meanwhile', method: 'PUT', does: () => swapped(other, 'theirs') });
      expect(await store.putIfMatch('a', bytes('mine'), etag)).toBe('mismatch');
      expect(await textAt(store, 'a')).toBe('theirs');
    });

    it('is said to be lost where nobody can tell', async () => {
      await store.putIfAbsent('a', bytes('1'));
      const etag = await etagAt('a');
      const twice = async () => {
        await swapped(other, 'theirs');
        await swapped(other, 'theirs again');
      };
      s3.faults.push({ how: 'meanwhile', method: 'PUT', does: twice });
      await expect(store.putIfMatch('a', bytes('mine'), etag)).rejects.toMatchObject({
        kind: 'errored',
        retry: true,
      });
    });

    it('of the last step of an upload does not hide that the object was created', async () => {
      async function* large() {
        yield new Uint8Array(partBytes);
        yield bytes('and more');
      }
      s3.faults.push(
        // S3 begins to answer 200 before it knows, and says so in the body.
        { how: 'answer', method: 'POST', query: 'uploadId', status: 200, code: 'InternalError' },
        { how: 'lose answer', method: 'POST', query: 'uploadId' },
      );
      expect(await store.putIfAbsent('a', large())).toBe('created');
      expect((await store.get('a'))?.body.length).toBe(partBytes + 8);
    });
  });

  it('is tried again while S3 is busy, later and later, and no longer than it helps', async () => {
    await store.putIfAbsent('a', bytes('1'));
    s3.faults.push(...busy(3), ...busy(2, 500, 'InternalError'));
    expect(await textAt(store, 'a')).toBe('1');
    expect(pauses).toHaveLength(5);
    for (const [n, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(50 * 2 ** n);
      expect(pause).toBeLessThanOrEqual(100 * 2 ** n);
    }
    s3.faults.push(...busy(8));
    await expect(store.get('a')).rejects.toMatchObject({
      kind: 'errored',
      retry: true,
      fix: expect.stringContaining('again'),
    });
    expect(s3.faults).toEqual([]);
  });

  it('is a write at the same time: it is tried again, and the condition decides', async () => {
    s3.faults.push(...busy(2, 409, 'ConditionalRequestConflict'));
    expect(await store.putIfAbsent('a', bytes('1'))).toBe('created');
    s3.faults.push(...busy(1, 409, 'ConditionalRequestConflict'));
    expect(await store.putIfAbsent('a', bytes('2'))).toBe('exists');
  });

  it('cuts an answer off: it is asked again, not taken for the whole', async () => {
    await store.putIfAbsent('a', bytes('whole'));
    s3.faults.push({ how: 'cut body', method: 'GET' });
    expect(await textAt(store, 'a')).toBe('whole');
  });

  it('is an expired session: new credentials are asked for once', async () => {
    await store.putIfAbsent('a', bytes('1'));
    renewals.length = 0;
    s3.faults.push(...busy(1, 400, 'ExpiredToken'));
    expect(await textAt(store, 'a')).toBe('1');
    expect(renewals).toEqual([false, true]);
    s3.faults.push(...busy(2, 400, 'ExpiredToken'));
    await expect(store.get('a')).rejects.toThrow('expired');
  });

  it.each([
    [403, 'AccessDenied', {}, "S3 doesn't allow reading a/b in store", 'policy'],
    [403, 'InvalidAccessKeyId', {}, "AWS doesn't know these credentials", 'AWS_ACCESS_KEY_ID'],
    [403, 'RequestTimeTooSkewed', {}, 'the clock of this machine is wrong', 'NTP'],
    [404, 'NoSuchBucket', {}, 'there is no bucket store', 'lockstep bootstrap'],
    [
      301,
      'PermanentRedirect',
      { 'x-amz-bucket-region': 'eu-west-1' },
      'lies in eu-west-1, not in eu-central-1',
      'eu-west-1',
    ],
  ])('%i %s is said in words, with what to do', async (status, code, headers, words, fix) => {
    s3.faults.push({ how: 'answer', status, code, headers });
    await expect(store.get('a/b')).rejects.toMatchObject({
      kind: 'errored',
      message: expect.stringContaining(words),
      fix: expect.stringContaining(fix),
    });
    expect(pauses).toEqual([]);
  });

  it('is that nobody is there', async () => {
    await s3.stop();
    await expect(store.get('a')).rejects.toMatchObject({
      kind: 'errored',
      retry: true,
      message: expect.stringContaining("can't be reached"),
    });
  });

  it('is met with signed requests alone, whose every write has its condition', async () => {
    await store.putIfAbsent('a', bytes('1'));
    await swapped(store, '2');
    expect(s3.seen.length).toBeGreaterThan(2);
    for (const { method, headers } of s3.seen) {
      expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-central-1\/s3\//);
      if (method === 'PUT') expect(headers['if-match'] ?? headers['if-none-match']).toBeTruthy();
    }
  });
});
