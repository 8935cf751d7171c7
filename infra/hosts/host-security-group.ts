import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Balancer } from '../balancer/balancer.ts';
import type { Network } from '../network/network.ts';
import type { ServedService } from '../settings/schema/public-service.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';

export type HostSecurityGroupArgs = {
  stack: Stack;
  settings: Pick<SharedSettings, 'fleet' | 'redis' | 'files'>;
  /** Its port is the only one that hosts open, and only to the balancer. */
  service: Pick<ServedService, 'port'>;
  network: Pick<Network, 'vpcId' | 'cidr'>;
  balancer: Pick<Balancer, 'securityGroupId'>;
};

/**
 * Who reaches hosts, and whom they reach. Made before Redis, files and the fleet, since the first two let
 * this group in and the third needs their addresses. Only the balancer gets in: people use Session Manager,
 * which needs no port. Names and time come from the VPC's own resolver and clock, which no security group
 * filters.
 */
export class HostSecurityGroup extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: HostSecurityGroupArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:HostSecurityGroup', name, {}, options);
    const { network, settings, stack } = args;
    const group = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      {
        vpcId: network.vpcId,
        description: 'Hosts: from the balancer alone',
        tags: { ...stack.tags, Name: physicalName(stack, name, 128) },
      },
      { parent: this },
    );
    this.id = group.id;
    this.join(name, args);
    for (const port of settings.fleet.outboundPorts) {
      this.letOut(name, stack, `internet-${port}`, { cidrIpv4: '0.0.0.0/0', port });
    }
    for (const { place, port } of placesInside(args)) {
      this.letOut(name, stack, place, { cidrIpv4: network.cidr, port });
    }
    this.registerOutputs({ id: this.id });
  }

  /** Both ends of the one way in, so that neither group has a rule without the other. */
  private join(name: string, { stack, service: { port }, balancer }: HostSecurityGroupArgs): void {
    const { securityGroupId } = balancer;
    const ports = {
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      tags: stack.tags,
    } satisfies Partial<aws.vpc.SecurityGroupIngressRuleArgs>;
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-from-balancer`,
      {
        securityGroupId: this.id,
        referencedSecurityGroupId: securityGroupId,
        description: 'Requests and health checks',
        ...ports,
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-balancer-out`,
      {
        securityGroupId,
        referencedSecurityGroupId: this.id,
        description: 'Requests and health checks',
        ...ports,
      },
      { parent: this },
    );
  }

  private letOut(
    name: string,
    stack: Stack,
    place: string,
    { cidrIpv4, port }: { cidrIpv4: pulumi.Input<string>; port: number },
  ): void {
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-to-${place}`,
      {
        securityGroupId: this.id,
        description: `To ${place}`,
        cidrIpv4,
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        tags: stack.tags,
      },
      { parent: this },
    );
  }
}

/** What hosts use inside the VPC. A place is part of logical names. */
function placesInside({ settings, stack }: HostSecurityGroupArgs): { place: string; port: number }[] {
  const redis = { place: 'redis', port: stack.identity.redis?.port ?? 6379 };
  const files = { place: 'files', port: 2049 };
  return [
    ...(settings.redis.source === 'none' ? [] : [redis]),
    ...(settings.files.source === 'none' ? [] : [files]),
  ];
}
