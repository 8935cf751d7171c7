import type { Order } from '../../domain/order/order.ts';
import type { Host } from '../place/host.ts';
import { verbLock } from '../place/locks.ts';
import { checkFence, raiseFence } from './fence.ts';
import { readOrder } from './verify-order.ts';

/**
 * What every verb does that carries out an order: under the host's lock the fence is checked, the order
 * read, and the fence raised as soon as the order is known to be real, even where `work` refuses it then:
 * its deployer has begun.
 */
export function underFence<T>(
  host: Host,
  { verb, number }: { verb: string; number: number },
  work: (order: Order) => Promise<T>,
): Promise<T> {
  const carryOut = async () => {
    await checkFence(host.state, number);
    const order = await readOrder(host, number);
    await raiseFence(host.state, number);
    return work(order);
  };
  return verbLock(host.state).during(verb, carryOut, { signal: host.signal });
}
