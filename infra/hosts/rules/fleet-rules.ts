import type { Finding } from '../../settings/problems/problem.ts';
import { publicService } from '../../settings/schema/public-service.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';

/** A group's maximum is at least its minimum. */
export function findFleetFaults({ hosts, maxHosts }: Base['fleet']): Finding[] {
  if (maxHosts === null || maxHosts >= hosts) return [];
  return [
    {
      path: ['fleet', 'maxHosts'],
      message: `fewer than the ${hosts} hosts that always run`,
      allowed: `${hosts} or more`,
      fix: 'raise maxHosts, or leave it out for twice the hosts',
    },
  ];
}

/**
 * Requests reach the public service through the balancer, and the others from services on the same host: none
 * reach a service on another host.
 */
export function findUnreachableSingletons({ app }: Base): Finding[] {
  const reached = publicService(app)?.name;
  return Object.entries(app.services)
    .filter(([name, { port, replicas }]) => replicas === 'exactly-one' && port !== null && name !== reached)
    .map(([name]) => ({
      path: ['app', 'services', name, 'port'],
      message: 'the service has a host of its own, which the other hosts cannot reach',
      allowed: 'no port with replicas: exactly-one, unless it is the public service',
      fix: 'remove the port here and in lockstep.yaml, or let the service run many times',
    }));
}
