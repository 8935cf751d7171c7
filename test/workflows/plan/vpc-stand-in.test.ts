import { expect, test } from 'vitest';
import { type Graph, type GraphResource, labelOf } from '../../../scripts/domain/plan/graph.ts';
import { standInForVpcs } from '../../../scripts/workflows/plan/vpc-stand-in.ts';

const provider = 'aws (pulumi:providers:aws)';
const network: GraphResource = {
  type: 'lockstep:infra:Network',
  name: 'network',
  parent: null,
  custom: false,
  inputs: {},
  options: { providers: { aws: provider } },
};
const vpc: GraphResource = {
  type: 'awsx:ec2:Vpc',
  name: 'vpc',
  parent: labelOf(network),
  custom: false,
  inputs: {
    availabilityZoneNames: ['eu-central-1a', 'eu-central-1b'],
    cidrBlock: '10.20.0.0/16',
    natGateways: { strategy: 'Single' },
    subnetSpecs: [
      { type: 'Public', cidrBlocks: ['10.20.192.0/21', '10.20.200.0/21'] },
      { type: 'Private', cidrBlocks: ['10.20.0.0/18', '10.20.64.0/18'] },
      { type: 'Isolated', cidrBlocks: ['10.20.224.0/21', '10.20.232.0/21'] },
    ],
    vpcEndpointSpecs: [{ serviceName: 'com.amazonaws.eu-central-1.s3' }],
    tags: { Name: 'intake' },
  },
  options: { remote: true },
};
const balancer: GraphResource = {
  type: 'aws:lb/loadBalancer:LoadBalancer',
  name: 'balancer',
  parent: null,
  custom: true,
  inputs: {
    subnets: ['«vpc.publicSubnetIds[0]»', '«vpc.publicSubnetIds[1]»'],
    tags: { vpc: 'in «vpc.vpcId»' },
  },
  options: { dependencies: [labelOf(vpc)], provider },
};
const graph: Graph = { resources: [network, vpc, balancer], outputs: '«vpc.isolatedSubnetIds[1]»' };

test("a VPC is replaced by its children, with its own provider, under names that don't collide", () => {
  const { resources } = standInForVpcs(graph);
  const children = resources.filter(({ parent }) => parent === labelOf(vpc));
  expect(resources).not.toContainEqual(expect.objectContaining({ type: 'awsx:ec2:Vpc' }));
  expect(new Set(resources.map(({ name }) => name)).size).toBe(resources.length);
  expect(children.every(({ options }) => options.provider === provider)).toBe(true);
  expect(children.filter(({ type }) => type === 'aws:ec2/subnet:Subnet')).toHaveLength(6);
  expect(children.filter(({ type }) => type === 'aws:ec2/natGateway:NatGateway')).toMatchObject([
    { inputs: { subnetId: '«vpc-public-1-subnet.id»', allocationId: '«vpc-1-eip.allocationId»' } },
  ]);
});

test('what referred to the VPC refers to its children, and what waited for it waits for all of them', () => {
  const expanded = standInForVpcs(graph);
  const found = expanded.resources.find(({ name }) => name === 'balancer');
  expect(found?.inputs).toEqual({
    subnets: ['«vpc-public-1-subnet.id»', '«vpc-public-2-subnet.id»'],
    tags: { vpc: 'in «vpc-vpc.id»' },
  });
  expect(expanded.outputs).toBe('«vpc-isolated-2-subnet.id»');
  expect(found?.options.dependencies).toHaveLength(expanded.resources.length - 2);
});

test('a graph without a VPC stays as it is', () => {
  const without: Graph = { resources: [balancer], outputs: null };
  expect(standInForVpcs(without)).toBe(without);
});
