import type { Finding } from '../../settings/problems/problem.ts';
import { publicService } from '../../settings/schema/public-service.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';

/** A group never has fewer hosts at most than it has at least. */
export function findFleetFaults({ hosts, maxHosts }: Base['fleet']): Finding[] {
  if (maxHosts === null || maxHosts >= hosts) return [];
  return [
    {
      path: ['fleet', 'maxHosts'],
      message: `fewer than the ${hosts} hosts that are always there`,
      allowed: `${hosts} or more`,
      fix: 'raise maxHosts, or leave it out for twice the hosts',
    },
  ];
}

/**
 * The balancer leads to the public service, and a host to the services beside its own; nothing to a host
 * alone.
 */
export function findUnreachableSingletons({ app }: Base): Finding[] {
  const led = publicService(app)?.name;
  return Object.entries(app.services)
    .filter(([name, { port, replicas }]) => replicas === 'exactly-one' && port !== null && name !== led)
    .map(([name]) => ({
      path: ['app', 'services', name, 'port'],
      message: 'it runs on one host of its own, and nothing leads the other hosts there',
      allowed: 'no port with replicas: exactly-one, unless it is the public service',
      fix: 'leave the port out here and in lockstep.yaml, or let the service run many times',
    }));
}
