import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { underFence } from '../orders/under-fence.ts';
import { verifyOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';
import { switchTo } from '../services/switch.ts';

/**
 * `activate`: makes a staged order what this host runs. Repeated, it records or finishes what is left to
 * do.
 */
export function activate(
  host: Host,
  { order: number }: VerbRequest<'activate'>,
): Promise<VerbAnswer<'activate'>> {
  return underFence(host, { verb: 'activate', number }, async (order) =>
    switchTo(host, await verifyOrder(host, order)),
  );
}
