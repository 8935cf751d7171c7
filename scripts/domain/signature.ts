import { createHash, createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, digestOf } from './canonical.ts';

/** What may be signed. The kind is inside the signed bytes, so a receipt can never pass for an order. */
export type SignedKind = 'release' | 'order' | 'outcome' | 'receipt' | 'revocation';

/** `key`: identifier of the public key (see {@link keyIdOf}); `value`: base64 of the 64 bytes of Ed25519. */
const signatureSchema = z.strictObject({ key: z.string(), value: z.string() });
export type Signature = z.infer<typeof signatureSchema>;

export type Signed<T> = { payload: T; signature: Signature };

/**
 * A payload beside its signature. A field that a payload gets later is optional and has no default: older
 * records lack it, and a digest is over what was written.
 */
export const signedSchema = <T extends z.ZodType>(payload: T) =>
  z.strictObject({ payload, signature: signatureSchema });

/** The bytes that a signer signs: {kind, version, digest}; small enough for AWS KMS (4,096 bytes at most). */
export function signedBytes(kind: SignedKind, digest: string): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ kind, version: 1, digest }));
}

/** First 16 hexadecimal digits of the SHA-256 of the key's SPKI (DER). `publicKey` is PEM. */
export function keyIdOf(publicKey: string): string {
  const der = createPublicKey(publicKey).export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** True when `signature` is Ed25519 by the holder of `publicKey` (PEM) over this kind and digest. */
export function isSignedBy(
  publicKey: string,
  kind: SignedKind,
  digest: string,
  signature: Signature,
): boolean {
  if (signature.key !== keyIdOf(publicKey)) return false;
  return verify(
    null,
    signedBytes(kind, digest),
    createPublicKey(publicKey),
    Buffer.from(signature.value, 'base64'),
  );
}

/** As {@link isSignedBy}, over the digest of the record's own payload. */
export function isRecordSignedBy<T>(publicKey: string, kind: SignedKind, record: Signed<T>): boolean {
  return isSignedBy(publicKey, kind, digestOf(record.payload), record.signature);
}
