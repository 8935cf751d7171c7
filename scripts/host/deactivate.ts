import type { VerbAnswer, VerbRequest } from '../domain/host-protocol.ts';
import { Activations } from './activations.ts';
import { checkFence, raiseFence } from './fence.ts';
import type { Host } from './host.ts';
import { HostLock } from './host-lock.ts';
import { readOrder } from './verify-order.ts';

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
