import type { SecretReference } from '../secrets/secret-reference.ts';
import type { Attestation } from './attestation.ts';
import type { Order } from './order.ts';

/** What an order puts on a host; two orders with equal content need no switch between them. */
export type Content = {
  release: string;
  config: string;
  secrets: readonly SecretReference[];
};

export function sameContent(left: Content, right: Content): boolean {
  return (
    left.release === right.release && left.config === right.config && sameSecrets(left.secrets, right.secrets)
  );
}

function sameSecrets(left: readonly SecretReference[], right: readonly SecretReference[]): boolean {
  const listed = (secrets: readonly SecretReference[]) =>
    secrets.map(({ name, version }) => `${name}@${version}`).sort();
  return listed(left).join() === listed(right).join();
}

/**
 * Why a host does not run `order`, one phrase for each reason; empty when it does. `number` counts too: the
 * host must have recorded it.
 */
export function mismatches(order: Order, attestation: Attestation): readonly string[] {
  const found: string[] = [];
  if (attestation.order === null) return ['runs no release'];
  if (attestation.release !== order.release) found.push(`runs release ${short(attestation.release)}`);
  if (attestation.damage.count > 0) found.push(describeDamage(attestation));
  if (attestation.config !== order.config) found.push('env values differ from those ordered');
  if (!sameSecrets(attestation.secrets, order.secrets))
    found.push('secret versions differ from those ordered');
  if (attestation.order !== order.number) found.push(`is at order ${attestation.order}`);
  const idle = attestation.processes.filter(({ pid }) => pid === null).map(({ service }) => service);
  if (idle.length > 0) found.push(`not running: ${idle.join(', ')}`);
  if (attestation.processes.length === 0) found.push('runs no process');
  return found;
}

function describeDamage({ damage }: Attestation): string {
  const named = [
    ...damage.changed.map((path) => `${path} changed`),
    ...damage.missing.map((path) => `${path} missing`),
    ...damage.extra.map((path) => `${path} extra`),
  ];
  const shown = named.slice(0, 3).join(', ');
  return `files differ from the release: ${shown}${damage.count > 3 ? ` and ${damage.count - 3} more` : ''}`;
}

export function short(digest: string | null): string {
  return digest === null ? 'none' : digest.slice(0, 12);
}
