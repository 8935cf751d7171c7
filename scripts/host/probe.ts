import { failed, messageOf } from '../domain/errors.ts';
import type { VerbAnswer, VerbRequest } from '../domain/host-protocol.ts';
import { reachable } from '../domain/service-environment.ts';
import { Activations } from './activations.ts';
import type { Host } from './host.ts';
import { exchange } from './http-exchange.ts';

/** `probe`: one request to a service of this host, over a connection of its own. Bodies are never written down. */
export async function probe(host: Host, request: VerbRequest<'probe'>): Promise<VerbAnswer<'probe'>> {
  const { service } = request;
  // The activation knows the port, because it was given to the service; the manifest isn't read for every request.
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
  const address = reachable(host.provisioning.address);
  const base = new URL(`http://${address.includes(':') ? `[${address}]` : address}:${port}`);
  try {
    return await exchange(base, request.request, host.signal);
  } catch (error) {
    host.signal.throwIfAborted();
    throw failed(`service ${service} did not answer: ${messageOf(error)}`, { retry: true, cause: error });
  }
}
