/** What encrypts the secrets of a state: a key in the cloud, or the passphrase, which is empty here. */
export type StateKey = { url: string; encryptedKey: string } | 'passphrase';

/** What the committed Pulumi.hub.yaml says about it. */
export type CommittedKey = { secretsprovider?: string | undefined; encryptedkey?: string | undefined };

/**
 * The lines that the committed file lacks: without them the engine falls back to a passphrase, and the next
 * `up` rewrites the state with it. Empty where both agree, or where no key encrypts the state yet.
 */
export function missingKeyLines(state: StateKey, committed: CommittedKey): readonly string[] {
  if (state === 'passphrase') return [];
  const { url, encryptedKey } = state;
  if (committed.secretsprovider === url && committed.encryptedkey === encryptedKey) return [];
  return [`secretsprovider: ${url}`, `encryptedkey: ${encryptedKey}`];
}
