import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { endpointServices, gatewayServices } from './endpoint-services.ts';
import { FlowLogs } from './flow-logs.ts';
import { planSubnets } from './ranges/subnets.ts';

export type NetworkArgs = {
  stack: Stack;
  settings: SharedSettings['network'];
  /** For flow logs. */
  key: Pick<EnvironmentKey, 'arn'>;
};

/** The name that `awsx.ec2.Vpc` is given; `planVpcChildren` takes the same. */
function vpcName(name: string): string {
  return `${name}-vpc`;
}

/**
 * A VPC over two or three zones: public subnets for the balancer and NAT, private ones for hosts, isolated
 * ones (no way out) for data; or the network that identity.network names, in which nothing is made but what
 * settings ask for.
 *
 * Replaced by: a changed `identity.cidr` (the VPC, and with it everything inside); a zone that moves in
 * pins.json (its subnets). Going from two zones to three replaces nothing. A changed `network.nat` gives
 * hosts other addresses towards the outside, which partners may have written into their lists.
 *
 * `awsx.ec2.Vpc` is opaque without its plugin: `infra/network/ranges/vpc-children.ts` says what it makes.
 *
 * @throws TypeError when `source: existing` and the identity names no network; RangeError when subnets don't
 *   fit.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  readonly isolatedSubnetIds: pulumi.Output<string[]>;
  /** One per zone. How many there are is known before any id is: for what makes a resource in each. */
  readonly isolatedSubnetByZone: readonly pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Network', name, {}, options);
    const { settings, stack } = args;
    const made = settings.source === 'create' ? this.create(name, args) : existing(stack);
    this.vpcId = pulumi.output(made.vpcId);
    this.cidr = pulumi.output(stack.identity.cidr);
    this.publicSubnetIds = pulumi.output(made.publicSubnetIds);
    this.privateSubnetIds = pulumi.output(made.privateSubnetIds);
    this.isolatedSubnetIds = pulumi.output(made.isolatedSubnetIds);
    this.isolatedSubnetByZone = Array.from({ length: settings.zones }, (_, index) =>
      this.isolatedSubnetIds.apply((ids) => subnetAt(ids, index)),
    );
    const cutOff = settings.source === 'create' && settings.nat === 'none';
    if (settings.interfaceEndpoints || cutOff) this.addEndpoints(name, stack);
    this.registerOutputs({
      vpcId: this.vpcId,
      cidr: this.cidr,
      publicSubnetIds: this.publicSubnetIds,
      privateSubnetIds: this.privateSubnetIds,
      isolatedSubnetIds: this.isolatedSubnetIds,
    });
  }

  private create(name: string, { stack, settings, key }: NetworkArgs) {
    const { cidr, region } = stack.identity;
    const plan = planSubnets(cidr, stack.region.zones.slice(0, settings.zones));
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'vpc', 128) };
    const vpc = new awsx.ec2.Vpc(
      vpcName(name),
      {
        cidrBlock: cidr,
        availabilityZoneNames: plan.map(({ zone }) => zone),
        // Off by default; without it neither EFS nor private names of endpoints resolve.
        enableDnsHostnames: true,
        enableDnsSupport: true,
        natGateways: { strategy: natStrategies[settings.nat] },
        // "Exact" wants subnets to tile the whole VPC in the order of zones; ours are tiled so that a zone
        // can join.
        subnetStrategy: 'Auto',
        subnetSpecs: [
          { type: 'Public', cidrBlocks: plan.map((zone) => zone.public) },
          { type: 'Private', cidrBlocks: plan.map((zone) => zone.private) },
          { type: 'Isolated', cidrBlocks: plan.map((zone) => zone.isolated) },
        ],
        vpcEndpointStrategy: 'Auto',
        vpcEndpointSpecs: gatewayServices(region).map(
          (serviceName): EndpointSpec => ({
            serviceName,
            vpcEndpointType: 'Gateway',
          }),
        ),
        tags,
      },
      { parent: this },
    );
    // Adopted, and emptied: whatever forgets to name a group can neither reach nor be reached.
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default-security-group`,
      {
        vpcId: vpc.vpcId,
        ingress: [],
        egress: [],
        tags: { ...stack.tags, Name: physicalName(stack, 'default-unused', 128) },
      },
      { parent: this },
    );
    new FlowLogs(
      `${name}-flow-logs`,
      { stack, vpcId: vpc.vpcId, retentionDays: settings.flowLogDays, key },
      { parent: this },
    );
    return vpc;
  }

  private addEndpoints(name: string, stack: Stack): void {
    const { cidr, region } = stack.identity;
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'endpoints', 128) };
    const group = new aws.ec2.SecurityGroup(
      `${name}-endpoints-security-group`,
      { vpcId: this.vpcId, description: 'Interface endpoints of AWS services', tags },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-endpoints-https`,
      {
        securityGroupId: group.id,
        description: 'HTTPS from inside the VPC',
        cidrIpv4: cidr,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        tags,
      },
      { parent: this },
    );
    for (const service of Object.keys(endpointServices)) {
      new aws.ec2.VpcEndpoint(
        `${name}-endpoint-${service}`,
        {
          vpcId: this.vpcId,
          serviceName: `com.amazonaws.${region}.${service}`,
          vpcEndpointType: 'Interface',
          subnetIds: this.privateSubnetIds,
          securityGroupIds: [group.id],
          privateDnsEnabled: true,
          tags: { ...stack.tags, Name: physicalName(stack, service, 128) },
        },
        { parent: this },
      );
    }
  }
}

const natStrategies = { none: 'None', single: 'Single', 'per-zone': 'OnePerAz' } as const;

function existing({ identity }: Stack): NonNullable<Stack['identity']['network']> {
  if (identity.network !== null) return identity.network;
  throw new TypeError('network.source: existing needs identity.network. Add its vpcId and subnet ids');
}

function subnetAt(ids: readonly string[], index: number): string {
  const id = ids[index];
  if (id !== undefined) return id;
  throw new RangeError(
    `${index + 1} zones, and ${ids.length} isolated subnets. Fix: name one per zone in identity.network, or lower network.zones.`,
  );
}

type EndpointSpec = awsx.types.input.ec2.VpcEndpointSpecArgs;
