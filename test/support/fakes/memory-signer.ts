import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { keyIdOf, type Signature, type SignedKind, signedBytes } from '../../../scripts/domain/signature.ts';
import type { KeyRole, Signer } from '../../../scripts/store/signer.ts';

/** Real Ed25519 with keys that live as long as the test. */
export class MemorySigner implements Signer {
  readonly #keys = new Map<string, { privateKey: KeyObject; pem: string }>();

  async sign(role: KeyRole, kind: SignedKind, digest: string): Promise<Signature> {
    const { privateKey, pem } = this.#key(role);
    const value = sign(null, signedBytes(kind, digest), privateKey).toString('base64');
    return { key: keyIdOf(pem), value };
  }

  async publicKey(role: KeyRole): Promise<string> {
    return this.#key(role).pem;
  }

  #key(role: KeyRole) {
    const name = role.role === 'build' ? 'build' : `${role.environment}.${role.role}`;
    let key = this.#keys.get(name);
    if (key === undefined) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      key = { privateKey, pem: publicKey.export({ format: 'pem', type: 'spki' }).toString() };
      this.#keys.set(name, key);
    }
    return key;
  }
}
