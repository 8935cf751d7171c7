import type { VerbAnswer } from '../domain/host-protocol.ts';
import { raiseFence } from './fence.ts';
import type { Host } from './host.ts';
import { HostLock } from './host-lock.ts';
import { HostRecords } from './host-records.ts';
import { bringToDisk } from './staging.ts';
import { switchTo } from './switch.ts';
import { readOrder, verifyOrder } from './verify-order.ts';

/**
 * `boot`: what a machine does when it starts. It goes by the last committed order, not by what lay on its disk, and
 * is exempt from its own fence (a pending order may have raised that); it never lowers it.
 */
export async function boot(host: Host): Promise<VerbAnswer<'boot'>> {
  return new HostLock(host.state, 'lock.json').during(
    'boot',
    async () => {
      const number = await new HostRecords(host).lastCommitted();
      if (number === undefined) return { order: null, healthy: true };
      const verified = await verifyOrder(host, await readOrder(host, number));
      await raiseFence(host.state, number);
      await bringToDisk(host, verified.release);
      const { healthy } = await switchTo(host, verified);
      return { order: number, healthy };
    },
    { signal: host.signal },
  );
}
