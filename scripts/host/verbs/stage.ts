import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { HostLock } from '../../store/process-lock.ts';
import { planFetch } from '../disk/materialise.ts';
import { bringToDisk, heldReleases } from '../disk/staging.ts';
import { checkFence, raiseFence } from '../orders/fence.ts';
import { HostRecords } from '../orders/host-records.ts';
import { readOrder, verifyOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';

/**
 * `stage`: raises the fence, judges the order, and brings its release to disk while the old one still serves.
 * The fence is raised as soon as the order is known to be real, even where it is refused then: its deployer
 * has begun.
 */
export async function stage(host: Host, request: VerbRequest<'stage'>): Promise<VerbAnswer<'stage'>> {
  if ('planRelease' in request) return plan(host, request.planRelease);
  return new HostLock(host.state, 'lock.json').during(
    'stage',
    async () => {
      await checkFence(host.state, request.order);
      const order = await readOrder(host, request.order);
      await raiseFence(host.state, request.order);
      return bringToDisk(host, (await verifyOrder(host, order)).release);
    },
    { signal: host.signal },
  );
}

async function plan(host: Host, digest: string): Promise<VerbAnswer<'stage'>> {
  const { manifest, packs } = await new HostRecords(host).release(digest);
  return planFetch({ store: host.store, manifest, packs: packs.packs, held: heldReleases(host) });
}
