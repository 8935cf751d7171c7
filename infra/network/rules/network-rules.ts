import type { Finding, Path } from '../../settings/problems/problem.ts';
import type { Identity } from '../../settings/schema/identity-schema.ts';
import type { Pins } from '../../settings/schema/pins.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';
import { planSubnets } from '../ranges/subnets.ts';

/** Without NAT a host reaches AWS through endpoints only, and those lead to services of its own region. */
export function findUnreachable({ hub, llm, network }: Base, { region }: Identity): Finding[] {
  if (network.source === 'existing' || network.nat !== 'none') return [];
  const path = ['network', 'nat'];
  const allowed = 'single or per-zone';
  const findings: Finding[] = [];
  if (hub !== null && hub.region !== region) {
    const message = `hosts could not reach the hub in ${hub.region} from ${region}`;
    findings.push({ path, message, allowed, fix: 'set network.nat: single, or keep the hub in this region' });
  }
  if (llm.mode !== 'none') {
    const message =
      llm.mode === 'external'
        ? `hosts could not reach the model at ${llm.baseUrl}`
        : 'the model host fetches its container image from a public registry';
    findings.push({ path, message, allowed, fix: 'set network.nat: single, or llm.mode: none' });
  }
  return findings;
}

/** The region's zones and images, and the subnets: planned in a range of their own, or given. */
export function findNetworkFaults({ network }: Base, identity: Identity, pins: Pins): Finding[] {
  const region = pins.regions[identity.region];
  if (region === undefined) {
    const known = Object.keys(pins.regions);
    return [
      {
        path: ['identity', 'region'],
        message: 'infra/pins.json holds no images for this region',
        allowed: known.join(', '),
        fix: `run \`lockstep pins update --region ${identity.region}\``,
      },
    ];
  }
  if (network.source === 'existing') return findSubnetListFaults(network.zones, identity);
  if (region.zones.length < network.zones) {
    return [
      {
        path: ['identity', 'region'],
        message: `infra/pins.json lists ${region.zones.length} zones of this region, and network.zones asks for ${network.zones}`,
        allowed: `a region with ${network.zones} zones`,
        fix: `list network.zones: ${region.zones.length} as a difference`,
      },
    ];
  }
  try {
    planSubnets(identity.cidr, region.zones.slice(0, network.zones));
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [message = '', fix = 'give the VPC a larger range'] = error.message.split(/ Fix: |\.$/);
    return [{ path: ['identity', 'cidr'], message, allowed: 'a range that its subnets fit into', fix }];
  }
}

function findSubnetListFaults(zones: number, { network }: Identity): Finding[] {
  if (network === null) return [];
  const lists = ['publicSubnetIds', 'privateSubnetIds', 'isolatedSubnetIds'] as const;
  return lists
    .filter((key) => network[key].length !== zones)
    .map((key): Finding => {
      const path: Path = ['identity', 'network', key];
      const message = `${network[key].length} subnets for ${zones} zones`;
      return {
        path,
        message,
        allowed: 'one subnet per zone',
        fix: 'name one subnet of each zone, or change network.zones',
      };
    });
}
