import type { VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';
import { namesIn } from '../../machine/directory.ts';
import { Activations } from '../disk/activations.ts';
import { type Host, hostPaths } from '../place/host.ts';
import { tailLog } from '../services/service-logs.ts';

/**
 * `logs`: the last lines of one service, or of each with its name before the lines. Secrets are replaced by
 * names.
 */
export async function logs(host: Host, request: VerbRequest<'logs'>): Promise<VerbAnswer<'logs'>> {
  const activation = await new Activations(host.root).current();
  // A service is a name from a log that lies here, never a path from the request.
  const services = (await namesIn(hostPaths(host.root).logs))
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -'.log'.length))
    .sort();
  const lines: string[] = [];
  for (const service of services) {
    if (request.service === service)
      return { lines: await tailLog(host, service, request.lines, activation) };
    if (request.service !== null) continue;
    const tail = await tailLog(host, service, request.lines, activation);
    lines.push(...tail.map((line) => `${service}: ${line}`));
  }
  return { lines };
}
