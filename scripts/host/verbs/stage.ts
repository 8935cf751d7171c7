import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { planFetch } from '../disk/materialise.ts';
import { bringToDisk, heldReleases } from '../disk/staging.ts';
import { HostRecords } from '../orders/host-records.ts';
import { underFence } from '../orders/under-fence.ts';
import { verifyOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';

/** `stage`: judges an order and brings its release to disk while the old one still serves. */
export async function stage(host: Host, request: VerbRequest<'stage'>): Promise<VerbAnswer<'stage'>> {
  if ('planRelease' in request) return plan(host, request.planRelease);
  return underFence(host, { verb: 'stage', number: request.order }, async (order) =>
    bringToDisk(host, (await verifyOrder(host, order)).release),
  );
}

async function plan(host: Host, digest: string): Promise<VerbAnswer<'stage'>> {
  const { manifest, packs } = await new HostRecords(host).release(digest);
  return planFetch({ store: host.store, manifest, packs: packs.packs, held: heldReleases(host) });
}
