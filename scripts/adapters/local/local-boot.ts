import { randomBytes } from 'node:crypto';
import { messageOf } from '../../domain/errors.ts';
import { orderSchema } from '../../domain/order/order.ts';
import { isRecordSignedBy, signedSchema } from '../../domain/signature.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { Signer } from '../../store/signer.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import type { Traffic } from '../../workflows/ports/traffic.ts';
import { type AgentEnvironment, type AgentPlace, runAgent } from './agent-process.ts';
import { parseAnswer } from './local-fleet.ts';
import type { Topology } from './local-topology.ts';

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
export async function startHost(place: AgentPlace, topology: Topology, world: BootWorld): Promise<string[]> {
  try {
    const boot = parseAnswer(place.host, 'boot', await runAgent(place, 'boot', {}, world));
    if (boot.order === null) return [];
    if (!boot.healthy) return [`${place.host} stays out of rotation: its services are not healthy`];
    const mismatch = await findMismatch(place, topology, boot.order, world);
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

async function findMismatch(
  place: AgentPlace,
  { app, environment }: Topology,
  number: number,
  world: BootWorld,
): Promise<string | null> {
  const stored = await world.store.get(storeKeys.order(app, environment, number));
  const order = signedSchema(orderSchema).parse(
    stored === undefined ? null : JSON.parse(new TextDecoder().decode(stored.body)),
  );
  if (!isRecordSignedBy(await world.signer.publicKey({ role: 'orders', environment }), 'order', order)) {
    return `the signature of order ${number} is not this environment's`;
  }
  const nonce = randomBytes(16).toString('hex');
  const attested = parseAnswer(place.host, 'attest', await runAgent(place, 'attest', { nonce }, world));
  if (attested.nonce !== nonce) return 'its attestation answers another question';
  if (attested.order !== number) return `it runs order ${attested.order ?? 'none'}, not ${number}`;
  if (attested.release !== order.payload.release || attested.damage.count > 0) {
    return `${attested.damage.count} files differ from the release of order ${number}`;
  }
  return attested.config === order.payload.config ? null : `its env values are not those of order ${number}`;
}
