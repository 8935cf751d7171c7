/** A byte range of an object: `length` bytes from `offset`. */
export type ByteRange = { offset: number; length: number };
/** `body` is its reader's own: no store keeps or shares it. */
export type StoredObject = { body: Uint8Array; etag: string };

/**
 * The release store. A put is visible whole or not at all; an etag changes with every write of a key.
 * Keys: see domain/store-keys.ts; a key that `isStoreKey` refuses is a programming error and throws.
 */
export interface ObjectStore {
  /** The object, or the range of it; undefined where there is none. A range past the end is cut. */
  get(key: string, range?: ByteRange): Promise<StoredObject | undefined>;
  /**
   * Creates once. `body` may be streamed, so that a pack never lies in memory; a piece is good until the next
   * is asked for. `exists`: somebody else's object stands there.
   */
  putIfAbsent(key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<'created' | 'exists'>;
  /** Compare and swap: replaces the object only while its etag is `etag`; answers the new etag. */
  putIfMatch(key: string, body: Uint8Array, etag: string): Promise<{ etag: string } | 'mismatch'>;
  /** Keys under a prefix that ends in `/`, sorted. */
  list(prefix: string): AsyncIterable<{ key: string; size: number }>;
  /** For garbage collection alone. */
  delete(key: string): Promise<void>;
}
