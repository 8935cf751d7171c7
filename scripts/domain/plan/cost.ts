import { z } from 'zod';
import { freeTypes } from './free-types.ts';
import { type Graph, type GraphResource, labelOf, tokensIn, type Value } from './graph.ts';

const regionPrices = z.strictObject({
  'nat-gateway-hour': z.number(),
  'public-ipv4-hour': z.number(),
  'application-balancer-hour': z.number(),
  'interface-endpoint-hour': z.number(),
  'gp3-gib-month': z.number(),
  'kms-key-month': z.number(),
  'secret-month': z.number(),
  'alarm-month': z.number(),
  'dashboard-month': z.number(),
  'web-acl-month': z.number(),
  'instance-hour': z.record(z.string(), z.number()),
  /** By engine and node type, such as valkey/cache.t4g.small. */
  'cache-node-hour': z.record(z.string(), z.number()),
});
type RegionPrices = z.output<typeof regionPrices>;

/**
 * `infra/prices.json`: few prices, dated and maintained by hand. A resource without a price here is unpriced.
 */
export const pricesSchema = z.strictObject({
  asOf: z.iso.date(),
  source: z.string().min(1),
  hoursPerMonth: z.number().positive(),
  regions: z.record(z.string(), regionPrices),
});
export type Prices = z.output<typeof pricesSchema>;

/** US dollars a month. Null: unpriced, because the price is unknown here or depends on use. */
type CostLine = { resource: string; type: string; monthlyUsd: number | null; basis: string };
export type Cost = {
  lines: readonly CostLine[];
  /** The sum of all lines that have a price. */
  monthlyUsd: number;
  asOf: string;
  source: string;
};

/**
 * What a stack costs a month before anybody uses it: machines that run, no data transfer. The children of
 * remote components must be in the graph, or they would count as free.
 */
export function estimateCost(graph: Graph, region: string, prices: Prices): Cost {
  const here = prices.regions[region];
  const lines = graph.resources
    .filter(({ type, custom }) => (custom || type.startsWith('awsx:')) && !freeTypes.has(type))
    .filter(({ type }) => !type.startsWith('pulumi:'))
    .map((resource) => lineOf(resource, graph, here, prices.hoursPerMonth));
  const monthlyUsd = lines.reduce((sum, line) => sum + (line.monthlyUsd ?? 0), 0);
  return { lines, monthlyUsd, asOf: prices.asOf, source: prices.source };
}

type Part = { amount: number; price: number | undefined; hourly: boolean; what: string };

function lineOf(
  resource: GraphResource,
  graph: Graph,
  prices: RegionPrices | undefined,
  hoursPerMonth: number,
): CostLine {
  const line: Pick<CostLine, 'resource' | 'type'> = { resource: labelOf(resource), type: resource.type };
  if (prices === undefined) return { ...line, monthlyUsd: null, basis: 'no prices for this region' };
  const parts = partsOf(resource, graph, prices);
  if (parts === undefined) return { ...line, monthlyUsd: null, basis: 'paid by use, or not in the table' };
  const basis = parts.map(({ amount, what }) => `${amount} x ${what}`).join(', ') || 'free';
  const missing = parts.find(({ price }) => price === undefined);
  if (missing !== undefined) return { ...line, monthlyUsd: null, basis: `no price for ${missing.what}` };
  const monthlyUsd = parts.reduce(
    (sum, { amount, price, hourly }) => sum + amount * (price ?? 0) * (hourly ? hoursPerMonth : 1),
    0,
  );
  return { ...line, monthlyUsd: Math.round(monthlyUsd * 100) / 100, basis };
}

function partsOf(
  { type, inputs }: GraphResource,
  graph: Graph,
  prices: RegionPrices,
): readonly Part[] | undefined {
  const hourly = (amount: number, price: number | undefined, what: string): Part => ({
    amount,
    price,
    hourly: true,
    what,
  });
  const monthly = (amount: number, price: number | undefined, what: string): Part => ({
    amount,
    price,
    hourly: false,
    what,
  });
  switch (type) {
    case 'aws:ec2/natGateway:NatGateway':
      return [hourly(1, prices['nat-gateway-hour'], 'NAT gateway')];
    case 'aws:ec2/eip:Eip':
      return [hourly(1, prices['public-ipv4-hour'], 'public address')];
    case 'aws:lb/loadBalancer:LoadBalancer': {
      const balancer = hourly(
        1,
        prices['application-balancer-hour'],
        'application balancer, without its use',
      );
      const addresses = lengthOf(inputs.subnets);
      if (inputs.internal === true) return [balancer];
      return [balancer, hourly(addresses, prices['public-ipv4-hour'], 'public address')];
    }
    case 'aws:ec2/vpcEndpoint:VpcEndpoint':
      if (inputs.vpcEndpointType !== 'Interface') return [];
      return [
        hourly(lengthOf(inputs.subnetIds), prices['interface-endpoint-hour'], 'interface endpoint per zone'),
      ];
    case 'aws:autoscaling/group:Group': {
      const template = graph.resources.find(
        (other) => other.type === 'aws:ec2/launchTemplate:LaunchTemplate' && mentions(inputs, other.name),
      );
      const hosts = Number(inputs.minSize);
      const instanceType = String(template?.inputs.instanceType);
      const volumes = template === undefined ? undefined : volumeGiB(template.inputs.blockDeviceMappings);
      if (volumes === undefined || Number.isNaN(hosts)) return undefined;
      return [
        hourly(hosts, prices['instance-hour'][instanceType], instanceType),
        monthly(hosts * volumes, prices['gp3-gib-month'], 'GiB of gp3'),
      ];
    }
    case 'aws:elasticache/replicationGroup:ReplicationGroup': {
      const node = `${inputs.engine}/${inputs.nodeType}`;
      return [hourly(Number(inputs.numCacheClusters), prices['cache-node-hour'][node], node)];
    }
    case 'aws:kms/key:Key':
      return [monthly(1, prices['kms-key-month'], 'key')];
    case 'aws:secretsmanager/secret:Secret':
      return [monthly(1, prices['secret-month'], 'secret')];
    case 'aws:cloudwatch/metricAlarm:MetricAlarm':
      return [monthly(1, prices['alarm-month'], 'alarm')];
    case 'aws:cloudwatch/dashboard:Dashboard':
      return [monthly(1, prices['dashboard-month'], 'dashboard')];
    default:
      return undefined;
  }
}

/** Gibibytes of all volumes of a host; undefined where one has no size. */
function volumeGiB(mappings: Value | undefined): number | undefined {
  const sizes = (Array.isArray(mappings) ? mappings : []).map(({ ebs }) => Number(ebs?.volumeSize));
  return sizes.some(Number.isNaN) ? undefined : sizes.reduce((sum, size) => sum + size, 0);
}

const lengthOf = (value: Value | undefined) => (Array.isArray(value) ? value.length : 0);

function mentions(value: Value, name: string): boolean {
  return tokensIn(JSON.stringify(value)).some((found) => found.startsWith(`«${name}.`));
}
