import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { HostLock } from '../../store/process-lock.ts';
import { checkFence, raiseFence } from '../orders/fence.ts';
import { readOrder, verifyOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';
import { switchTo } from '../services/switch.ts';

/**
 * `activate`: makes a staged order what this host runs. Repeated, it records or finishes what is left to do.
 */
export async function activate(
  host: Host,
  request: VerbRequest<'activate'>,
): Promise<VerbAnswer<'activate'>> {
  return new HostLock(host.state, 'lock.json').during(
    'activate',
    async () => {
      await checkFence(host.state, request.order);
      const order = await readOrder(host, request.order);
      await raiseFence(host.state, request.order);
      return switchTo(host, await verifyOrder(host, order));
    },
    { signal: host.signal },
  );
}
