import type { SubnetPlan } from './subnets.ts';

/** Points at another planned child: the plan has no ids. */
export type ChildReference = { child: { type: string; name: string }; attribute: 'id' | 'allocationId' };
type Input = string | boolean | ChildReference | readonly ChildReference[] | Record<string, string>;
export type VpcChild = { type: string; name: string; inputs: Record<string, Input> };

export type VpcChildrenArgs = {
  /** The name that `awsx.ec2.Vpc` is given. */
  name: string;
  cidr: string;
  subnets: readonly SubnetPlan[];
  nat: 'none' | 'single' | 'per-zone';
  /** Of gateway endpoints, such as com.amazonaws.eu-central-1.s3. */
  gatewayServices: readonly string[];
  tags: Record<string, string>;
};

const types = {
  vpc: 'aws:ec2/vpc:Vpc',
  gateway: 'aws:ec2/internetGateway:InternetGateway',
  subnet: 'aws:ec2/subnet:Subnet',
  table: 'aws:ec2/routeTable:RouteTable',
  association: 'aws:ec2/routeTableAssociation:RouteTableAssociation',
  route: 'aws:ec2/route:Route',
  address: 'aws:ec2/eip:Eip',
  nat: 'aws:ec2/natGateway:NatGateway',
  endpoint: 'aws:ec2/vpcEndpoint:VpcEndpoint',
} as const;

/**
 * A stand-in: what `awsx.ec2.Vpc` 3.x creates inside when it is given explicit ranges, the strategy `Auto`
 * for subnets and for endpoints. It is a remote component, opaque without its plugin; the plan, the costs and
 * the provider check read this list instead, written after awsx/ec2/vpc.ts of pulumi/pulumi-awsx. Where the
 * plugin is present a preview tells whether the two still agree. Children come after what they point at.
 */
export function planVpcChildren(args: VpcChildrenArgs): VpcChild[] {
  const { name } = args;
  const tags = { Name: name, ...args.tags };
  const vpcId = idOf(types.vpc, name);
  return [
    {
      type: types.vpc,
      name,
      inputs: { cidrBlock: args.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags },
    },
    { type: types.gateway, name, inputs: { vpcId, tags } },
    ...args.subnets.flatMap((subnet, index) => zoneChildren(args, subnet, index, tags)),
    ...args.gatewayServices.map(
      (serviceName): VpcChild => ({
        type: types.endpoint,
        name: serviceName,
        inputs: { vpcId, serviceName, routeTableIds: tableIds(args), vpcEndpointType: 'Gateway', tags },
      }),
    ),
  ];
}

const kinds = ['Public', 'Private', 'Isolated'] as const;
type Kind = (typeof kinds)[number];

function zoneChildren(
  args: VpcChildrenArgs,
  subnet: SubnetPlan,
  index: number,
  shared: Record<string, string>,
): VpcChild[] {
  const ranges = { Public: subnet.public, Private: subnet.private, Isolated: subnet.isolated };
  const vpcId = idOf(types.vpc, args.name);
  return kinds.flatMap((kind) => {
    const name = subnetName(args.name, kind, index);
    const tags = { ...shared, Name: name, SubnetType: kind };
    return [
      {
        type: types.subnet,
        name,
        inputs: {
          vpcId,
          availabilityZone: subnet.zone,
          cidrBlock: ranges[kind],
          mapPublicIpOnLaunch: kind === 'Public',
          assignIpv6AddressOnCreation: false,
          tags,
        },
      },
      { type: types.table, name, inputs: { vpcId, tags } },
      {
        type: types.association,
        name,
        inputs: { routeTableId: idOf(types.table, name), subnetId: idOf(types.subnet, name) },
      },
      ...(kind === 'Public' ? natChildren(args, name, index) : []),
      ...routes(args, kind, name, index),
    ];
  });
}

function natChildren(args: VpcChildrenArgs, subnet: string, index: number): VpcChild[] {
  if (args.nat === 'none' || (args.nat === 'single' && index > 0)) return [];
  const name = `${args.name}-${index + 1}`;
  const tags = { ...args.tags, Name: name };
  const allocationId = { child: { type: types.address, name }, attribute: 'allocationId' } as const;
  return [
    { type: types.address, name, inputs: { tags } },
    { type: types.nat, name, inputs: { subnetId: idOf(types.subnet, subnet), allocationId, tags } },
  ];
}

function routes(args: VpcChildrenArgs, kind: Kind, name: string, index: number): VpcChild[] {
  const inputs: VpcChild['inputs'] = {
    routeTableId: idOf(types.table, name),
    destinationCidrBlock: '0.0.0.0/0',
  };
  if (kind === 'Public') {
    return [{ type: types.route, name, inputs: { ...inputs, gatewayId: idOf(types.gateway, args.name) } }];
  }
  if (kind === 'Isolated' || args.nat === 'none') return [];
  const gateway = args.nat === 'single' ? 1 : index + 1;
  const natGatewayId = idOf(types.nat, `${args.name}-${gateway}`);
  return [{ type: types.route, name, inputs: { ...inputs, natGatewayId } }];
}

function tableIds(args: VpcChildrenArgs): ChildReference[] {
  return args.subnets.flatMap((_, index) =>
    kinds.map((kind) => idOf(types.table, subnetName(args.name, kind, index))),
  );
}

function subnetName(vpc: string, kind: Kind, index: number): string {
  return `${vpc}-${kind.toLowerCase()}-${index + 1}`;
}

function idOf(type: string, name: string): ChildReference {
  return { child: { type, name }, attribute: 'id' };
}
