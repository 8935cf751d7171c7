import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { HostLock } from '../../store/process-lock.ts';
import { Activations } from '../disk/activations.ts';
import { checkFence, raiseFence } from '../orders/fence.ts';
import { readOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';

/** `deactivate`: going back where nothing was committed before. Services stop first, then `current` goes. */
export async function deactivate(
  host: Host,
  request: VerbRequest<'deactivate'>,
): Promise<VerbAnswer<'deactivate'>> {
  return new HostLock(host.state, 'lock.json').during(
    'deactivate',
    async () => {
      await checkFence(host.state, request.order);
      await readOrder(host, request.order);
      await raiseFence(host.state, request.order);
      const stopped = await host.supervisor.stop();
      await new Activations(host.root).clearCurrent();
      return { stopped };
    },
    { signal: host.signal },
  );
}
