import type { VerbAnswer } from '../../domain/order/host-protocol.ts';
import { bringToDisk } from '../disk/staging.ts';
import { raiseFence } from '../orders/fence.ts';
import { HostRecords } from '../orders/host-records.ts';
import { readOrder, verifyOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';
import { verbLock } from '../place/locks.ts';
import { switchTo } from '../services/switch.ts';

/**
 * `boot`: what a machine does when it starts. It goes by the last committed order, not by what lay on its
 * disk, and is exempt from its own fence (a pending order may have raised that); it never lowers it.
 */
export async function boot(host: Host): Promise<VerbAnswer<'boot'>> {
  return verbLock(host.state).during(
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
