import type { VerbAnswer, VerbRequest } from '../domain/host-protocol.ts';
import { checkFence, raiseFence } from './fence.ts';
import type { Host } from './host.ts';
import { HostLock } from './host-lock.ts';
import { switchTo } from './switch.ts';
import { readOrder, verifyOrder } from './verify-order.ts';

/** `activate`: makes a staged order what this host runs. Repeated, it records or finishes what is left to do. */
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
