import { errored } from '../../domain/errors.ts';
import { isStoreKey } from '../../domain/store-keys.ts';
import type { ByteRange, ObjectStore, StoredObject } from '../object-store.ts';
import { elementIn } from './aws-answer.ts';
import { S3Exchange, type S3Request, type S3World } from './s3-exchange.ts';
import type { S3Place } from './s3-refusal.ts';
import { etagOf, newWrite, parseEtag, type Stamp, stampHeaders, stampIn, tailOf } from './s3-stamp.ts';
import { partBytes, partsOf, S3Upload } from './s3-upload.ts';

const once: Record<string, string> = { 'if-none-match': '*' };

/**
 * The release store in S3, by conditional writes (S3 user guide, "How to prevent object overwrites with
 * conditional writes"): `If-None-Match: *` creates, `If-Match` compares and swaps; s3-stamp.ts says what
 * makes etags unique. What is created stands byte for byte; what is swapped has blanks after its bytes, which
 * `get` cuts off and `list` counts.
 *
 * A write whose answer was lost is tried again, and then meets its own object: it answers by whose write
 * stands there.
 *
 * @throws LockstepError errored, with the fix: no credentials, no access, no such bucket, another region, out
 *   of reach.
 */
export class S3Store implements ObjectStore {
  readonly #exchange: S3Exchange;

  constructor(place: S3Place, world: S3World) {
    this.#exchange = new S3Exchange(place, world);
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    // No range of HTTP is empty, and S3 refuses one that begins at the end.
    if (range?.length === 0) return this.#withoutBytes(key);
    const headers = range && { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const { answer } = await this.#exchange.send({
      method: 'GET',
      key: checked(key),
      headers,
      expected: [200, 206, 404, 416],
    });
    if (answer.status === 404) return undefined;
    if (answer.status === 416) return this.#withoutBytes(key);
    const stamp = stampIn(answer.headers);
    const etag = etagOf(stamp);
    if (stamp.tail === 0) return { body: answer.body, etag };
    const [, total] = /\/(\d+)$/.exec(answer.headers['content-range'] ?? '') ?? [];
    const size = Number(total ?? answer.body.length) - stamp.tail;
    return { body: answer.body.subarray(0, Math.max(0, size - (range?.offset ?? 0))), etag };
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<'created' | 'exists'> {
    checked(key);
    return body instanceof Uint8Array ? this.#create(key, body) : this.#createFrom(key, body);
  }

  async putIfMatch(key: string, body: Uint8Array, etag: string): Promise<{ etag: string } | 'mismatch'> {
    checked(key);
    const known = parseEtag(etag);
    if (known === undefined) return 'mismatch';
    // Deleted and created anew with the same bytes, it has the same ETag for S3.
    if (known.created && (await this.#stampAt(key))?.write !== known.write) return 'mismatch';
    const write = newWrite();
    const { answer, doubtful } = await this.#exchange.send({
      method: 'PUT',
      key,
      body: Buffer.concat([body, tailOf(write)]),
      headers: { 'if-match': `"${known.s3Etag}"`, ...stampHeaders(write, known.write) },
      expected: [200, 404, 412],
    });
    const tail = tailOf(write).length;
    if (answer.status === 200) return { etag: etagOf({ ...stampIn(answer.headers), write, tail }) };
    if (!doubtful) return 'mismatch';
    const standing = await this.#stampAt(key);
    if (standing?.write === write) return { etag: etagOf(standing) };
    // Ours was written, and replaced before its answer could be repeated: an etag that nothing has any more.
    if (standing?.replaced === write)
      return { etag: etagOf({ write, tail, replaced: '', s3Etag: 'replaced' }) };
    if (standing === undefined || standing.replaced === known.write) return 'mismatch';
    throw errored(
      `it is unknown whether ${key} was written: the answer was lost, and others have written since`,
      {
        fix: 'Run the command again: it begins with what stands there now.',
        retry: true,
      },
    );
  }

  async *list(prefix: string): AsyncIterable<{ key: string; size: number }> {
    if (!prefix.endsWith('/')) throw new TypeError(`a prefix ends in /, got ${prefix}`);
    checked(prefix.slice(0, -1));
    for (let token = ''; ; ) {
      const { answer } = await this.#exchange.send({
        method: 'GET',
        key: '',
        expected: [200],
        query: {
          'list-type': '2',
          'encoding-type': 'url',
          prefix,
          ...((token === '' ? {} : { 'continuation-token': token }) satisfies S3Request['query']),
        },
      });
      const text = new TextDecoder().decode(answer.body);
      for (const [, contents = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const entry = new TextEncoder().encode(contents);
        const key = decodeURIComponent(elementIn(entry, 'Key'));
        // What somebody else put there by hand is none of ours.
        if (isStoreKey(key)) yield { key, size: Number(elementIn(entry, 'Size')) };
      }
      if (elementIn(answer.body, 'IsTruncated') !== 'true') return;
      token = elementIn(answer.body, 'NextContinuationToken');
    }
  }

  async delete(key: string): Promise<void> {
    await this.#exchange.send({ method: 'DELETE', key: checked(key), expected: [200, 204, 404] });
  }

  async #create(key: string, body: Uint8Array): Promise<'created' | 'exists'> {
    const write = newWrite();
    const { answer, doubtful } = await this.#exchange.send({
      method: 'PUT',
      key,
      body,
      headers: { ...once, ...stampHeaders(write) },
      expected: [200, 412],
    });
    if (answer.status === 200 || (doubtful && (await this.#wrote(key, write)))) return 'created';
    return 'exists';
  }

  /** In parts where it is larger than one, so that a stream of any length takes the memory of one. */
  async #createFrom(key: string, body: AsyncIterable<Uint8Array>): Promise<'created' | 'exists'> {
    const write = newWrite();
    let upload: S3Upload | undefined;
    try {
      for await (const { bytes, last } of partsOf(body, partBytes)) {
        if (upload === undefined) {
          if (last) return await this.#create(key, bytes);
          // Not to send gigabytes for the answer that they are there.
          if ((await this.#stampAt(key)) !== undefined) return 'exists';
          upload = await S3Upload.begin(this.#exchange, key, stampHeaders(write));
        }
        await upload.add(bytes);
      }
      const { answer } = (await upload?.complete(once)) ?? {};
      if (answer?.status === 200 || (await this.#wrote(key, write))) return 'created';
      if ((await this.#stampAt(key)) === undefined) {
        throw errored(`the upload of ${key} was aborted by somebody else; nothing was stored`, {
          retry: true,
        });
      }
    } catch (error) {
      await upload?.abandon();
      throw error;
    }
    await upload?.abandon();
    return 'exists';
  }

  /** Whether the object is that write's, or was until another replaced it. */
  async #wrote(key: string, write: string): Promise<boolean> {
    const standing = await this.#stampAt(key);
    return standing?.write === write || standing?.replaced === write;
  }

  async #stampAt(key: string): Promise<Stamp | undefined> {
    const { answer } = await this.#exchange.send({ method: 'HEAD', key, expected: [200, 404] });
    return answer.status === 404 ? undefined : stampIn(answer.headers);
  }

  async #withoutBytes(key: string): Promise<StoredObject | undefined> {
    const stamp = await this.#stampAt(checked(key));
    return stamp && { body: new Uint8Array(), etag: etagOf(stamp) };
  }
}

/** @throws TypeError for a key that could leave the store. */
function checked(key: string): string {
  if (!isStoreKey(key)) throw new TypeError(`not a key of the store: ${JSON.stringify(key)}`);
  return key;
}
