import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type HostSecurityGroupArgs = {
  stack: Stack;
  vpcId: pulumi.Input<string>;
  /** Of the VPC: where the ports of `inside` are reached. */
  cidr: pulumi.Input<string>;
  /** Null: nobody connects to these hosts. */
  balancer: { securityGroupId: pulumi.Input<string>; port: number } | null;
  /** Names (part of logical names) and ports of what hosts use inside the VPC: Redis, files, the model. */
  inside: Readonly<Record<string, number>>;
  /** TCP ports towards the internet. */
  outboundPorts: readonly number[];
};

/**
 * Who reaches hosts, and whom they reach. Made before Redis, files and the fleet, since the first two let this group in and the
 * third needs their addresses. Nobody but the balancer gets in: people come by Session Manager, which needs no port.
 * Names and time come from the VPC's own resolver and clock, which no security group filters.
 */
export class HostSecurityGroup extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: HostSecurityGroupArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:HostSecurityGroup', name, {}, options);
    const { balancer, stack } = args;
    const group = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      {
        vpcId: args.vpcId,
        description: 'Hosts: from the balancer alone',
        tags: { ...stack.tags, Name: physicalName(stack, name, 128) },
      },
      { parent: this },
    );
    this.id = group.id;
    if (balancer !== null) this.join(name, stack, balancer);
    for (const port of args.outboundPorts) {
      this.letOut(name, stack, `internet-${port}`, { cidrIpv4: '0.0.0.0/0', port });
    }
    for (const [place, port] of Object.entries(args.inside)) {
      this.letOut(name, stack, place, { cidrIpv4: args.cidr, port });
    }
    this.registerOutputs({ id: this.id });
  }

  /** Both ends of the one way in, so that neither group has a rule without the other. */
  private join(name: string, stack: Stack, balancer: NonNullable<HostSecurityGroupArgs['balancer']>): void {
    const { port, securityGroupId } = balancer;
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
