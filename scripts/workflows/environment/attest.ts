import { randomBytes } from 'node:crypto';
import { failed } from '../../domain/errors.ts';
import { type Attestation, isFresh } from '../../domain/order/attestation.ts';
import type { Environment } from './environment.ts';

/**
 * A fresh attestation, answering a nonce of our own.
 * @throws LockstepError failed for one that answers another.
 */
export async function attest(
  environment: Environment,
  host: string,
  nonce = newNonce(),
): Promise<Attestation> {
  const attestation = await environment.ports.fleet.call(host, 'attest', { nonce });
  if (!isFresh(attestation, { host, nonce })) {
    throw failed(`${host} answered with an attestation that is not fresh or not its own`);
  }
  return attestation;
}

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}
