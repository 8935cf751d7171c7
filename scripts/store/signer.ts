import type { Signature, SignedKind } from '../domain/signature.ts';

/** Which key signs: building, ordering and verifying are separate, the last two per environment. */
export type KeyRole =
  | { role: 'build' }
  | { role: 'orders'; environment: string }
  | { role: 'receipts'; environment: string };

export interface Signer {
  sign(key: KeyRole, kind: SignedKind, digest: string): Promise<Signature>;
  /** PEM (SPKI). */
  publicKey(key: KeyRole): Promise<string>;
}
