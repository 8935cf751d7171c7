import { serviceUrl } from '../../domain/app/service-environment.ts';
import { failed, messageOf } from '../../domain/errors.ts';
import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { exchange } from '../../machine/http-exchange.ts';
import { Activations } from '../disk/activations.ts';
import type { Host } from '../place/host.ts';

/**
 * `probe`: requests to a service of this host, each over a connection of its own. Bodies are never written
 * down.
 */
export async function probe(host: Host, request: VerbRequest<'probe'>): Promise<VerbAnswer<'probe'>> {
  const { service } = request;
  // The activation knows the port, because it was given to the service; the manifest isn't read for every
  // request.
  const current = await new Activations(host.root).current();
  const port = current?.environments[service]?.PORT;
  if (port === undefined) {
    const known = Object.entries(current?.environments ?? {})
      .filter(([, environment]) => environment.PORT !== undefined)
      .map(([name]) => name);
    throw failed(`this host runs no service ${JSON.stringify(service)} with a port`, {
      fix: known.length === 0 ? 'It runs nothing: deploy first.' : `It runs ${known.join(', ')}.`,
    });
  }
  const base = new URL(serviceUrl(host.provisioning.address, port));
  const responses = request.requests.map((one) =>
    exchange(base, one, host.signal).catch((error: unknown) => {
      host.signal.throwIfAborted();
      return { error: `service ${service} did not answer: ${messageOf(error)}` };
    }),
  );
  return { responses: await Promise.all(responses) };
}
