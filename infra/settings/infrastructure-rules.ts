import { findNameFaults } from '../balancer/rules/name-rules.ts';
import { findStickinessFaults } from '../balancer/rules/stickiness-rules.ts';
import { findFleetFaults, findUnreachableSingletons } from '../hosts/rules/fleet-rules.ts';
import { findLlmFaults } from '../model/rules/llm-rules.ts';
import { findNetworkFaults, findUnreachable } from '../network/rules/network-rules.ts';
import { findWindowFaults } from '../redis/rules/window-rules.ts';
import { solveTimes } from '../times/times.ts';
import type { Finding } from './problems/problem.ts';
import type { Identity } from './schema/identity-schema.ts';
import type { Pins } from './schema/pins.ts';
import type { Base } from './schema/settings-schema.ts';

/** `of`: whether the path stands in the base (or a difference of it) or among the environment's own keys. */
export type CloudFinding = Finding & { of: 'base' | 'identity' };

/**
 * What AWS would refuse, or accept and then fail on, judged before anything is planned. The local twin needs
 * none of it, so only the cloud's own verbs ask. Rules about one noun stand beside it, in
 * `infra/<noun>/rules/`.
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
    ...ofBase(findUnreachableSingletons(base)),
    ...ofBase(findUnreachable(base, identity)),
    ...ofIdentity(findMissingIdentity(base, identity)),
    ...ofIdentity(findNetworkFaults(base, identity, pins)),
  ];
}

const ofBase = (findings: readonly Finding[]): CloudFinding[] =>
  findings.map((finding) => ({ ...finding, of: 'base' }));
const ofIdentity = (findings: readonly Finding[]): CloudFinding[] =>
  findings.map((finding) => ({ ...finding, of: 'identity' }));

function findHubFaults({ hub }: Base): Finding[] {
  if (hub !== null) return [];
  return [
    {
      path: ['hub'],
      message: 'missing: the account of release store, state and keys',
      allowed: 'a map with the keys account, region',
      fix: 'add hub: {account: "…", region: …}',
    },
  ];
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
