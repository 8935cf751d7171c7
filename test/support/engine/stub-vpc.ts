import * as pulumi from '@pulumi/pulumi';
import type { SubnetPlan } from '../../../infra/network/ranges/subnets.ts';
import {
  type ChildReference,
  planVpcChildren,
  type VpcChild,
} from '../../../infra/network/ranges/vpc-children.ts';

/**
 * What the network component gives `awsx.ec2.Vpc`: plain values, since nothing of it comes from other
 * resources.
 */
export type VpcInputs = {
  cidrBlock: string;
  availabilityZoneNames: string[];
  natGateways: { strategy: 'None' | 'Single' | 'OnePerAz' };
  subnetSpecs: { type: 'Public' | 'Private' | 'Isolated'; cidrBlocks: string[] }[];
  vpcEndpointSpecs: { serviceName: string }[];
  tags: Record<string, string>;
};

const strategies = { None: 'none', Single: 'single', OnePerAz: 'per-zone' } as const;

/** Any type by its name. */
class Child extends pulumi.CustomResource {}

/**
 * Stands in for awsx's own component: makes the children that `planVpcChildren` expects it to make, as real
 * resources.
 */
export class StubVpc extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string>[];
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly isolatedSubnetIds: pulumi.Output<string>[];

  constructor(name: string, inputs: VpcInputs, options: pulumi.ComponentResourceOptions) {
    super('awsx:ec2:Vpc', name, {}, options);
    const made = new Map<string, pulumi.CustomResource>();
    for (const child of childrenOf(name, inputs)) made.set(keyOf(child), this.create(child, made));
    const idOf = (type: string, child: string) => found(made, { type, name: child }).id;
    const subnets = (kind: string) =>
      inputs.availabilityZoneNames.map((_, index) =>
        idOf('aws:ec2/subnet:Subnet', `${name}-${kind}-${index + 1}`),
      );
    this.vpcId = idOf('aws:ec2/vpc:Vpc', name);
    this.publicSubnetIds = subnets('public');
    this.privateSubnetIds = subnets('private');
    this.isolatedSubnetIds = subnets('isolated');
    this.registerOutputs({});
  }

  private create({ type, name, inputs }: VpcChild, made: ReadonlyMap<string, pulumi.CustomResource>) {
    const resolved = Object.entries(inputs).map(([key, value]) => [key, resolve(value, made)] as const);
    // Named without a value, as the SDK's classes do: the provider's answer fills it.
    const computed = type === 'aws:ec2/eip:Eip' ? { allocationId: undefined } : {};
    return new Child(type, name, { ...Object.fromEntries(resolved), ...computed }, { parent: this });
  }
}

function childrenOf(name: string, inputs: VpcInputs): VpcChild[] {
  const ranges = (kind: string) => inputs.subnetSpecs.find(({ type }) => type === kind)?.cidrBlocks ?? [];
  const subnets = inputs.availabilityZoneNames.map((zone, index): SubnetPlan => {
    const [open = '', hosts = '', closed = ''] = ['Public', 'Private', 'Isolated'].map(
      (kind) => ranges(kind)[index],
    );
    return { zone, public: open, private: hosts, isolated: closed };
  });
  return planVpcChildren({
    name,
    cidr: inputs.cidrBlock,
    subnets,
    tags: inputs.tags,
    nat: strategies[inputs.natGateways.strategy],
    gatewayServices: inputs.vpcEndpointSpecs.map(({ serviceName }) => serviceName),
  });
}

function resolve(value: unknown, made: ReadonlyMap<string, pulumi.CustomResource>): unknown {
  if (Array.isArray(value)) return value.map((each) => resolve(each, made));
  if (!isReference(value)) return value;
  const target = found(made, value.child);
  return value.attribute === 'id' ? target.id : Reflect.get(target, value.attribute);
}

function isReference(value: unknown): value is ChildReference {
  return typeof value === 'object' && value !== null && 'child' in value;
}

function found(made: ReadonlyMap<string, pulumi.CustomResource>, child: { type: string; name: string }) {
  const resource = made.get(keyOf(child));
  if (resource === undefined) throw new TypeError(`the VPC has no ${keyOf(child)}`);
  return resource;
}

function keyOf({ type, name }: { type: string; name: string }): string {
  return `${type} ${name}`;
}
