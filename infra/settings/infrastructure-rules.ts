import { solveTimes } from '../times/times.ts';
import { findLlmFaults } from './llm-rules.ts';
import { findNetworkFaults, findUnreachable } from './network-rules.ts';
import type { Finding } from './problems/problem.ts';
import type { Identity } from './schema/identity-schema.ts';
import type { Pins } from './schema/pins.ts';
import { publicService } from './schema/public-service.ts';
import type { Base } from './schema/settings-schema.ts';

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

const ofBase = (findings: readonly Finding[]): CloudFinding[] =>
  findings.map((finding) => ({ ...finding, of: 'base' }));
const ofIdentity = (findings: readonly Finding[]): CloudFinding[] =>
  findings.map((finding) => ({ ...finding, of: 'identity' }));

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
