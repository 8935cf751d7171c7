/** By what the secrets of a state are kept: a key of the cloud, or the passphrase that is empty here. */
export type StateKey = { url: string; encryptedKey: string } | 'passphrase';

/** What the committed Pulumi.hub.yaml says of it. */
export type CommittedKey = { secretsprovider?: string | undefined; encryptedkey?: string | undefined };

/**
 * The lines that the committed file lacks: without them the engine falls back to a passphrase, and the next
 * `up` writes the state anew by that. None: both say the same, or the state isn't kept by a key yet.
 */
export function missingKeyLines(state: StateKey, committed: CommittedKey): readonly string[] {
  if (state === 'passphrase') return [];
  const { url, encryptedKey } = state;
  if (committed.secretsprovider === url && committed.encryptedkey === encryptedKey) return [];
  return [`secretsprovider: ${url}`, `encryptedkey: ${encryptedKey}`];
}
