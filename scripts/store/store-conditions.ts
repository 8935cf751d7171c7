import { refused } from '../domain/errors.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Proves, before anything relies on it, that a store honours its conditions: some look-alikes of S3 answer
 * "done" to a conditional put and ignore the condition, and then two deployers both hold the lease. Leaves
 * nothing behind.
 *
 * @throws LockstepError `refused`, naming the condition that was ignored.
 */
export async function proveStoreConditions(
  store: ObjectStore,
  id: string = crypto.randomUUID(),
): Promise<void> {
  const key = `probes/${id}.json`;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const must = (holds: boolean, condition: string) => {
    if (holds) return;
    throw refused(`the release store ignores its conditions: ${condition}`, {
      fix: 'Use a store that honours If-None-Match and If-Match (AWS S3 does, some look-alikes do not), or a directory.',
    });
  };
  try {
    must((await store.putIfAbsent(key, bytes('first'))) === 'created', 'a new key could not be created');
    must((await store.putIfAbsent(key, bytes('second'))) === 'exists', 'put-if-absent replaced an object');
    const first = await store.get(key);
    must(first !== undefined && text(first.body) === 'first', 'the object read is not the object written');
    const etag = first?.etag ?? '';
    const swapped = await store.putIfMatch(key, bytes('third'), etag);
    must(swapped !== 'mismatch' && swapped.etag !== etag, 'put-if-match refused the newest etag');
    const again =
      swapped === 'mismatch' ? swapped : await store.putIfMatch(key, bytes('third'), swapped.etag);
    // A lease that is renewed shows life by its etag alone.
    must(
      again !== 'mismatch' && swapped !== 'mismatch' && again.etag !== swapped.etag,
      'a write of equal bytes left the etag as it was',
    );
    must(
      (await store.putIfMatch(key, bytes('fourth'), etag)) === 'mismatch',
      'put-if-match took an old etag',
    );
    const last = await store.get(key);
    must(last !== undefined && text(last.body) === 'third', 'the object read is not the object written');
  } finally {
    await store.delete(key);
  }
}

function text(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
