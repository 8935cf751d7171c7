import type { VerbAnswer, VerbRequest } from '../domain/host-protocol.ts';
import { checkFence, raiseFence } from './fence.ts';
import type { Host } from './host.ts';
import { HostLock } from './host-lock.ts';
import { HostRecords } from './host-records.ts';
import { planFetch } from './materialise.ts';
import { bringToDisk, heldReleases } from './staging.ts';
import { readOrder, verifyOrder } from './verify-order.ts';

/**
 * `stage`: raises the fence, judges the order, and brings its release to disk while the old one still serves. The
 * fence is raised as soon as the order is known to be real, even where it is refused then: its deployer has begun.
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
