import { findLlmFaults } from './llm-rules.ts';
import type { Pins } from './pins.ts';
import type { Finding, Path } from './problem.ts';
import { publicService } from './public-service.ts';
import type { Base, Identity } from './settings-schema.ts';
import { planSubnets } from './subnets.ts';
import { solveTimes } from './times.ts';

/** `of`: whether the path stands in the base (or a difference of it) or among the environment's own keys. */
export type CloudFinding = Finding & { of: 'base' | 'identity' };

/**
 * What AWS would refuse, or accept and then fail over, judged before anything is planned. The local twin needs none of
 * it, so only the cloud's own verbs ask.
 */
export function findCloudFaults(base: Base, identity: Identity, pins: Pins): CloudFinding[] {
  const solved = solveTimes(base);
  return [
    ...ofBase(findStickinessFaults(base.balancer)),
    ...ofBase(findFleetFaults(base.fleet)),
    ...ofBase(findWindowFaults(base.redis)),
    ...ofBase(findLlmFaults({ ...base, models: Object.keys(pins.models) })),
    ...ofBase(solved.ok ? [] : solved.problems),
    ...ofBase(findHubFaults(base)),
    ...ofBase(findNameFaults(base)),
    ...ofBase(findLonelyPorts(base)),
    ...ofBase(findUnreachable(base, identity)),
    ...ofIdentity(findMissingIdentity(base, identity)),
    ...ofIdentity(findNetworkFaults(base, identity, pins)),
  ];
}

const ofBase = (findings: readonly Finding[]) =>
  findings.map((finding) => ({ ...finding, of: 'base' as const }));
const ofIdentity = (findings: readonly Finding[]) =>
  findings.map((finding) => ({ ...finding, of: 'identity' as const }));

/** The balancer keeps these names for itself: a cookie of the app with one of them is refused when it is created. */
function findStickinessFaults({ stickiness }: Base['balancer']): Finding[] {
  if (stickiness.type !== 'app_cookie' || !stickiness.cookieName.startsWith('AWSALB')) return [];
  return [
    {
      path: ['balancer', 'stickiness', 'cookieName'],
      message: 'a name that the balancer keeps for its own cookies (AWSALB, AWSALBAPP, AWSALBTG)',
      allowed: "the name of the app's own session cookie",
      fix: 'name the cookie that the app sets, or use type: lb_cookie',
    },
  ];
}

function findFleetFaults({ hosts, maxHosts }: Base['fleet']): Finding[] {
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

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minutesOfDay = 24 * 60;

/** CreateReplicationGroup: each window lasts at least an hour, and the two must not meet. */
function findWindowFaults(redis: Base['redis']): Finding[] {
  if (redis.source !== 'create') return [];
  const maintenance = windowMinutes(redis.maintenanceWindow, 7 * minutesOfDay);
  const snapshot = windowMinutes(redis.snapshotWindow, minutesOfDay);
  const findings: Finding[] = [];
  for (const [key, minutes] of [
    ['maintenanceWindow', maintenance],
    ['snapshotWindow', snapshot],
  ] as const) {
    if (minutes.length >= 60) continue;
    findings.push({
      path: ['redis', key],
      message: 'shorter than an hour',
      allowed: 'a window of at least 60 minutes',
      fix: 'move its end',
    });
  }
  const busy = new Set(maintenance.map((minute) => minute % minutesOfDay));
  if (findings.length === 0 && redis.snapshotDays > 0 && snapshot.some((minute) => busy.has(minute))) {
    findings.push({
      path: ['redis', 'snapshotWindow'],
      message: `meets the maintenance window ${redis.maintenanceWindow}`,
      allowed: 'hours of their own for each of the two',
      fix: 'move one of the two windows',
    });
  }
  return findings;
}

/** Every minute of a window, counted from the start of the day or (with days) of the week. */
function windowMinutes(window: string, cycle: number): number[] {
  const [from = 0, to = 0] = window.split(/-(?=[a-z]|\d\d:\d\d$)/).map((time) => {
    const [minute = 0, hour = 0, day] = time.split(':').reverse();
    return (
      (day === undefined ? 0 : days.indexOf(String(day)) * minutesOfDay) + Number(hour) * 60 + Number(minute)
    );
  });
  return Array.from({ length: (to - from + cycle) % cycle }, (_, index) => (from + index) % cycle);
}

function findHubFaults({ hub }: Base): Finding[] {
  if (hub !== null) return [];
  return [
    {
      path: ['hub'],
      message: 'missing: the account that holds release store, state and keys',
      allowed: 'a map with the keys account, region',
      fix: 'add hub: {account: "…", region: …}',
    },
  ];
}

/** ELB refuses names that begin with what it puts before the names of internal balancers. */
function findNameFaults({ app }: Base): Finding[] {
  if (!/^internal(-|$)/.test(app.name)) return [];
  return [
    {
      path: ['app', 'name'],
      message: 'balancers are named after it, and AWS keeps names that begin with internal- for itself',
      allowed: 'a name that does not begin with internal',
      fix: 'rename the app, in lockstep.yaml too',
    },
  ];
}

/** Without NAT a host reaches AWS by endpoints alone, and those lead to services of its own region. */
function findUnreachable({ hub, llm, network }: Base, { region }: Identity): Finding[] {
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

/** The balancer leads to the public service, and a host to the services beside its own; nothing to a host alone. */
function findLonelyPorts({ app }: Base): Finding[] {
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

/** What a setting takes from the environment's identity. */
function findMissingIdentity(base: Base, identity: Identity): Finding[] {
  const { balancer, network, files, redis } = base;
  const wanted: readonly [needed: boolean, key: keyof Identity, why: string, what: string][] = [
    [
      balancer.certificate === 'given',
      'certificate',
      'balancer.certificate: given',
      'the ARN of an ACM certificate',
    ],
    [
      balancer.certificate === 'requested' || balancer.dnsRecord,
      'hostedZone',
      balancer.dnsRecord ? 'balancer.dnsRecord' : 'balancer.certificate: requested',
      'the id of a Route 53 hosted zone',
    ],
    [balancer.webAcl, 'webAcl', 'balancer.webAcl', 'the ARN of a regional web ACL'],
    [network.source === 'existing', 'network', 'network.source: existing', 'the ids of VPC and subnets'],
    [
      files.source === 'existing',
      'fileSystem',
      'files.source: existing',
      'the id of a file system and its security group',
    ],
    [
      redis.source === 'existing',
      'redis',
      'redis.source: existing',
      'the id and address of a replication group',
    ],
    [base.observability.email, 'alarmAddress', 'observability.email', 'an e-mail address'],
  ];
  return wanted
    .filter(([needed, key]) => needed && identity[key] === null)
    .map(([, key, why, allowed]) => ({
      path: ['identity', key],
      message: `missing, and ${why} needs it`,
      allowed,
      fix: `write identity.${key}, or change ${why.split(':')[0]} in the base`,
    }));
}

function findNetworkFaults({ network }: Base, identity: Identity, pins: Pins): Finding[] {
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
        message: `it has ${region.zones.length} zones here, and network.zones asks for ${network.zones}`,
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
        allowed: 'one subnet a zone',
        fix: 'name one subnet of each zone, or change network.zones',
      };
    });
}
