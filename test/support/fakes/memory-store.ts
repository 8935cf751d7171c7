import { isStoreKey } from '../../../scripts/domain/store-keys.ts';
import type { ByteRange, ObjectStore, StoredObject } from '../../../scripts/store/object-store.ts';

/** A store in memory for tests of workflows; it passes the same contract as the real ones. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, { body: Uint8Array; etag: string }>();
  #writes = 0;

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const object = this.objects.get(checked(key));
    if (object === undefined) return undefined;
    const offset = range?.offset ?? 0;
    const end = offset + (range?.length ?? object.body.length);
    return {
      // A copy, which the slice of a Buffer is not.
      body: new Uint8Array(object.body.subarray(offset, end)),
      etag: object.etag,
    };
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<'created' | 'exists'> {
    checked(key);
    const whole = body instanceof Uint8Array ? new Uint8Array(body) : await collected(body);
    if (this.objects.has(key)) return 'exists';
    this.objects.set(key, { body: whole, etag: this.#nextEtag() });
    return 'created';
  }

  async putIfMatch(key: string, body: Uint8Array, etag: string): Promise<{ etag: string } | 'mismatch'> {
    if (this.objects.get(checked(key))?.etag !== etag) return 'mismatch';
    const next = this.#nextEtag();
    this.objects.set(key, { body: new Uint8Array(body), etag: next });
    return { etag: next };
  }

  async *list(prefix: string): AsyncIterable<{ key: string; size: number }> {
    if (!prefix.endsWith('/')) throw new TypeError(`a prefix ends in /, got ${prefix}`);
    checked(prefix.slice(0, -1));
    for (const key of [...this.objects.keys()].filter((each) => each.startsWith(prefix)).sort()) {
      const object = this.objects.get(key);
      if (object !== undefined) yield { key, size: object.body.length };
    }
  }

  async delete(key: string): Promise<void> {
    this.objects.delete(checked(key));
  }

  #nextEtag(): string {
    this.#writes += 1;
    return `memory-${this.#writes}`;
  }
}

function checked(key: string): string {
  if (!isStoreKey(key)) throw new TypeError(`not a key of the store: ${JSON.stringify(key)}`);
  return key;
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(Uint8Array.from(chunk));
  return Buffer.concat(all);
}
