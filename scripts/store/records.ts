import type { z } from 'zod';
import { canonicalJson, digestOf } from '../domain/canonical.ts';
import { errored, refused } from '../domain/errors.ts';
import { isRecordSignedBy, type Signed, type SignedKind, signedSchema } from '../domain/signature.ts';
import type { ObjectStore } from './object-store.ts';

/** A record as read: its value and the etag to replace it by. */
export type Read<T> = { value: T; etag: string };

const encode = (value: unknown) => new TextEncoder().encode(canonicalJson(value));

/**
 * The record as it is stored: the schema judges it and changes nothing, so that the digest of what is read
 * is the digest of what was written, also after the schema has grown. Hence the schema's input type: a
 * default would be no part of the value.
 *
 * @throws LockstepError errored when the object isn't what the schema says: the store was written by
 *   something else.
 */
export async function readRecord<S extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: S,
): Promise<Read<z.input<S>> | undefined> {
  const object = await store.get(key);
  if (object === undefined) return undefined;
  try {
    const stored: unknown = JSON.parse(new TextDecoder().decode(object.body));
    schema.parse(stored);
    return { value: stored as z.input<S>, etag: object.etag };
  } catch (cause) {
    throw errored(`${key} in the release store can't be read`, {
      cause,
      fix: 'The store holds something that this version of Lockstep did not write; compare the versions in use.',
    });
  }
}

/** Writes a record that is written once. `exists`: another writer was first. */
export function writeOnce(store: ObjectStore, key: string, value: unknown): Promise<'created' | 'exists'> {
  return store.putIfAbsent(key, encode(value));
}

/** Creates or replaces a record that may change; `etag` undefined creates. */
export async function replaceRecord(
  store: ObjectStore,
  key: string,
  value: unknown,
  etag: string | undefined,
): Promise<'written' | 'mismatch'> {
  if (etag === undefined)
    return (await store.putIfAbsent(key, encode(value))) === 'created' ? 'written' : 'mismatch';
  return (await store.putIfMatch(key, encode(value), etag)) === 'mismatch' ? 'mismatch' : 'written';
}

/**
 * Reads a signed record and checks it, as it is stored, against the one key that may have signed it.
 * @throws LockstepError refused when the signature isn't that key's.
 */
export async function readSigned<S extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: S,
  kind: SignedKind,
  publicKey: string,
): Promise<z.input<S> | undefined> {
  const read = await readRecord(store, key, signedSchema(schema));
  if (read === undefined) return undefined;
  const record = read.value as Signed<z.input<S>>;
  if (!isRecordSignedBy(publicKey, kind, record)) {
    throw refused(`the signature of ${key} is not by the ${kind} key that this environment knows`, {
      fix: 'Somebody wrote to the release store without the key, or the keys were replaced. Find out which before going on.',
    });
  }
  return record.payload;
}

/** Signs a payload and writes the record once. */
export async function writeSigned<T>(
  store: ObjectStore,
  key: string,
  kind: SignedKind,
  payload: T,
  sign: (kind: SignedKind, digest: string) => Promise<Signed<T>['signature']>,
): Promise<'created' | 'exists'> {
  const record: Signed<T> = { payload, signature: await sign(kind, digestOf(payload)) };
  return writeOnce(store, key, record);
}
