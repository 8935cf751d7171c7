import { randomBytes } from 'node:crypto';
import { messageOf } from '../../domain/errors.ts';
import { isFresh } from '../../domain/order/attestation.ts';
import { mismatches } from '../../domain/order/content.ts';
import { orderSchema } from '../../domain/order/order.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { readSigned } from '../../store/records.ts';
import type { Signer } from '../../store/signer.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import type { Traffic } from '../../workflows/ports/traffic.ts';
import { type AgentEnvironment, type AgentPlace, runAgent } from './agent-process.ts';
import { parseAnswer } from './local-fleet.ts';

const healthyTimeoutSeconds = 30;

export type BootWorld = {
  store: ObjectStore;
  signer: Signer;
  environment: AgentEnvironment;
  clock: Clock;
  /** Null where the app has no public service. */
  traffic: Traffic | null;
};

/**
 * What happens when a host comes up by itself: it boots by the last committed order, and enters rotation only
 * when what it attests, re-hashed from its disk, is what that order says. Answers why it stays out, or
 * nothing.
 */
export async function startHost(place: AgentPlace, world: BootWorld): Promise<string[]> {
  try {
    const boot = parseAnswer(place.host, 'boot', await runAgent(place, 'boot', {}, world));
    if (boot.order === null) return [];
    if (!boot.healthy) return [`${place.host} stays out of rotation: its services are not healthy`];
    const mismatch = await findMismatch(place, boot.order, world);
    if (mismatch !== null) return [`${place.host} stays out of rotation: ${mismatch}`];
    if (world.traffic === null) return [];
    await world.traffic.putIn(place.host);
    return (await world.traffic.waitHealthy(place.host, healthyTimeoutSeconds))
      ? []
      : [`${place.host} is in rotation, but the balancer does not see it healthy`];
  } catch (error) {
    return [`${place.host} did not start: ${messageOf(error)}`];
  }
}

/** Why the host does not run that order, or null. The order is read as its deployer signed it. */
async function findMismatch(place: AgentPlace, number: number, world: BootWorld): Promise<string | null> {
  const { app, environment } = place;
  const key = await world.signer.publicKey({ role: 'orders', environment });
  const order = await readSigned(
    world.store,
    storeKeys.order(app, environment, number),
    orderSchema,
    'order',
    key,
  );
  if (order === undefined) return `order ${number}, by which it booted, is missing from the store`;
  const nonce = randomBytes(16).toString('hex');
  const attested = parseAnswer(place.host, 'attest', await runAgent(place, 'attest', { nonce }, world));
  if (!isFresh(attested, { host: place.host, nonce })) {
    return 'its attestation is not fresh or not its own';
  }
  const found = mismatches(order, attested);
  return found.length === 0 ? null : `it differs from order ${number}: ${found.join('; ')}`;
}
