import { blocksAt, type Declared, isOn, type Props, textsAt } from '../rule/declared.ts';
import type { ResourceRule, StackRule } from '../rule/rule.ts';

const loadBalancer = /^aws:(lb|alb)\/loadBalancer:LoadBalancer$/;
const webPorts = [80, 443];

/** Inputs by which one group's rules name another; they don't put anything into a group. */
const mentions = new Set([
  'securityGroupId',
  'referencedSecurityGroupId',
  'sourceSecurityGroupId',
  'ingress',
  'egress',
]);

type Opening = { sources: readonly string[]; protocol: unknown; from: unknown; to: unknown };

/** Prefix lists can't be looked into: what they hold isn't judged. */
export const worldOnlyOnWebPorts: ResourceRule = {
  name: 'world-only-on-web-ports',
  description:
    'The whole world gets in on 80 and 443 and nowhere else: everything else (hosts, Redis, files, the model) is reached by name from inside.',
  level: 'mandatory',
  judge: (resource) =>
    worldlyOpenings(resource)
      .filter(
        ({ protocol, from, to }) => protocol !== 'tcp' || from !== to || !webPorts.includes(Number(from)),
      )
      .map(
        ({ sources, protocol, from, to }) =>
          `${sources.join(', ')} gets in on ${protocol === '-1' ? 'every port' : `${protocol} ${from} to ${to}`}. Fix: name the security group that has to get in (referencedSecurityGroupId)`,
      ),
};

export const worldOnlyToPublicBalancers: StackRule = {
  name: 'world-only-to-public-balancers',
  description:
    'A security group that lets the world in belongs to internet-facing balancers alone. On a host the same rule would go past TLS, access logs and the web ACL.',
  level: 'mandatory',
  judgeStack: (stack) =>
    stack
      .filter((resource) => worldlyOpenings(resource).length > 0)
      .flatMap((opening) => {
        const users = groupsOf(opening).flatMap((group) => usersOf(stack, group));
        const others = users.filter(({ type, props }) => !loadBalancer.test(type) || isOn(props.internal));
        if (users.length > 0 && others.length === 0) return [];
        const whose =
          users.length === 0 ? 'no balancer of this stack' : others.map(({ name }) => name).join(', ');
        return [
          {
            id: opening.id,
            message: `lets the world in to ${whose}. Fix: a group of its own for the public balancer, and references between groups behind it`,
          },
        ];
      }),
};

/** Addresses that the world can reach by themselves, without any balancer. */
export const noPublicAddress: ResourceRule = {
  name: 'no-public-address',
  description: 'Hosts and databases have no public address: a forgotten rule can then open nothing.',
  level: 'mandatory',
  judge: ({ props }) => {
    const places: [string, Props][] = [['', props]];
    blocksAt(props, 'networkInterfaces').forEach((each, index) => {
      places.push([`networkInterfaces[${index}].`, each]);
    });
    return places.flatMap(([where, { associatePublicIpAddress, publiclyAccessible }]) => [
      ...(associatePublicIpAddress === true || associatePublicIpAddress === 'true'
        ? [
            `${where}associatePublicIpAddress is on. Fix: switch it off; hosts are reached through the balancer`,
          ]
        : []),
      ...(publiclyAccessible === true
        ? [`${where}publiclyAccessible is on. Fix: switch it off and let the hosts' security group in`]
        : []),
    ]);
  },
};

function worldlyOpenings(resource: Declared): readonly Opening[] {
  return openingsOf(resource)
    .map((opening) => ({ ...opening, sources: opening.sources.filter(isWorld) }))
    .filter(({ sources }) => sources.length > 0);
}

function openingsOf({ type, props }: Declared): readonly Opening[] {
  switch (type) {
    case 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': {
      const sources = [...textsAt(props, 'cidrIpv4'), ...textsAt(props, 'cidrIpv6')];
      return [{ sources, protocol: props.ipProtocol, from: props.fromPort, to: props.toPort }];
    }
    case 'aws:ec2/securityGroupRule:SecurityGroupRule':
      return props.type === 'ingress' ? [inlineOpening(props)] : [];
    case 'aws:ec2/securityGroup:SecurityGroup':
    case 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup':
      return blocksAt(props, 'ingress').map(inlineOpening);
    default:
      return [];
  }
}

function inlineOpening(rule: Props): Opening {
  const sources = [...textsAt(rule, 'cidrBlocks'), ...textsAt(rule, 'ipv6CidrBlocks')];
  return { sources, protocol: rule.protocol, from: rule.fromPort, to: rule.toPort };
}

/**
 * Halves and quarters of the world are the world: no network of anybody's is shorter than /8, or /16 in IPv6.
 */
function isWorld(cidr: string): boolean {
  const match = /^([\d.]+|[\da-f:]+)\/(\d+)$/i.exec(cidr);
  if (match === null) return false;
  return Number(match[2]) < (match[1]?.includes(':') ? 16 : 8);
}

function groupsOf(opening: Declared): readonly string[] {
  return opening.references.securityGroupId ?? [opening.id];
}

function usersOf(stack: readonly Declared[], group: string): readonly Declared[] {
  return stack.filter(({ references, type }) =>
    Object.entries(references).some(
      ([input, ids]) => !mentions.has(input) && !type.startsWith('pulumi:') && ids.includes(group),
    ),
  );
}
