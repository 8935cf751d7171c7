import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { Activations } from '../disk/activations.ts';
import { underFence } from '../orders/under-fence.ts';
import type { Host } from '../place/host.ts';

/** `deactivate`: going back where nothing was committed before. Services stop first, then `current` goes. */
export function deactivate(
  host: Host,
  { order: number }: VerbRequest<'deactivate'>,
): Promise<VerbAnswer<'deactivate'>> {
  return underFence(host, { verb: 'deactivate', number }, async () => {
    const stopped = await host.supervisor.stop();
    await new Activations(host.root).clearCurrent();
    return { stopped };
  });
}
