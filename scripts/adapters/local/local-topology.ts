import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';

const endpointSchema = z.strictObject({ address: z.string(), port: z.int().positive() });
export type Endpoint = z.infer<typeof endpointSchema>;

const localHostSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*-[1-9][0-9]*$/),
  address: z.string(),
  /** Service -> port. */
  ports: z.record(z.string(), z.int().positive()),
  /**
   * Birth of the machine's first process when the host was started; another one means that the machine was
   * started anew since. Null: off.
   */
  poweredOn: z.string().nullable(),
  /** Lost by {@link LocalTwin.killHost} and not started since: it answers nobody and `up` leaves it alone. */
  lost: z.boolean(),
});
export type LocalHost = z.infer<typeof localHostSchema>;

/** `topology.json`: where the parts of a local environment are. */
export const topologySchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  balancer: endpointSchema.nullable(),
  redis: endpointSchema,
  hosts: z.array(localHostSchema),
  /** SHA-256 of the agent's bundle that the hosts run. */
  agent: z.string(),
});
export type Topology = z.infer<typeof topologySchema>;

/** What the settings ask of a local environment. `services` without a port need no place. */
export type LocalPlan = {
  app: string;
  environment: string;
  hosts: number;
  ports: Readonly<Record<string, number>>;
  publicService: string | null;
};

const redisPort = 6379;
const balancerPort = 8080;

/**
 * An environment's own loopback network, `127.a.b.`: from its directory's path, so that two environments, or
 * two clones of a project, don't meet. `a` is at least 1: 127.0.0.x belongs to everybody.
 */
export function networkOf(directory: string): string {
  const [first = 0, second = 0] = createHash('sha256').update(path.resolve(directory)).digest();
  return `127.${(first % 254) + 1}.${second}.`;
}

/** `.1` holds balancer and Redis, hosts start at `.11`. */
const twinAddress = (network: string) => `${network}1`;
const hostAddress = (network: string, index: number) => `${network}${10 + index}`;
const hostName = (environment: string, index: number) => `${environment}-${index}`;

/** Where something may listen now; `taken` are places given away already that nobody listens on yet. */
export type Chooser = (address: string, port: number, taken: ReadonlySet<string>) => Promise<Endpoint>;

/**
 * Places for all parts: what runs keeps its own; the rest gets the wanted address and port, or another port
 * (even another address) where that one is not to be had: a wildcard listener, or macOS without loopback
 * aliases.
 */
export async function planTopology(
  plan: LocalPlan,
  network: string,
  before: Topology | undefined,
  running: { balancer: boolean; redis: boolean; power: string },
  choose: Chooser,
): Promise<Omit<Topology, 'agent'>> {
  const taken = new Set<string>();
  const keep = (endpoint: Endpoint): Endpoint => {
    taken.add(`${endpoint.address}:${endpoint.port}`);
    return endpoint;
  };
  const place = async (address: string, port: number) => keep(await choose(address, port, taken));

  const hosts: LocalHost[] = [];
  const known = new Map(before?.hosts.map((host) => [host.name, host]));
  for (let index = 1; index <= plan.hosts; index++) {
    const name = hostName(plan.environment, index);
    const old = known.get(name);
    const stays = old !== undefined && old.poweredOn === running.power;
    let address = old?.address ?? hostAddress(network, index);
    const ports: Record<string, number> = {};
    for (const [service, port] of Object.entries(plan.ports)) {
      const kept = old?.ports[service];
      const endpoint =
        stays && kept !== undefined ? keep({ address, port: kept }) : await place(address, kept ?? port);
      address = endpoint.address;
      ports[service] = endpoint.port;
    }
    hosts.push({
      name,
      address,
      ports,
      poweredOn: stays ? old.poweredOn : null,
      lost: old?.lost ?? false,
    });
  }

  const twin = twinAddress(network);
  const redis = before?.redis ?? { address: twin, port: redisPort };
  const balancer = before?.balancer ?? { address: twin, port: balancerPort };
  return {
    app: plan.app,
    environment: plan.environment,
    hosts,
    redis: running.redis ? keep(redis) : await place(redis.address, redis.port),
    balancer:
      plan.publicService === null
        ? null
        : running.balancer
          ? keep(balancer)
          : await place(balancer.address, balancer.port),
  };
}
