import * as pulumi from '@pulumi/pulumi';
import { describe, expect, it } from 'vitest';
import { endpointServices } from '../../../infra/network/endpoint-services.ts';
import { Network } from '../../../infra/network/network.ts';
import { recordGraph } from '../../../scripts/adapters/pulumi/graph-recorder.ts';
import { exampleBase, exampleProviders, exampleStack, ofType } from '../../support/cloud/example-stack.ts';

const key = { arn: pulumi.output('arn:aws:kms:eu-central-1:111122223333:key/1') };

function record(network: object, identity = {}) {
  const settings = exampleBase({ network }).network;
  return recordGraph(() => {
    const made = new Network('network', { stack: exampleStack(identity), settings, key }, exampleProviders());
    return { zones: made.isolatedSubnetByZone.length, first: made.isolatedSubnetByZone[0] };
  });
}

describe('Network', () => {
  it('gives awsx the whole layout, and empties the default security group', async () => {
    const graph = await record({ zones: 2, nat: 'single' });
    expect(ofType(graph, 'Vpc')[0]?.inputs).toMatchObject({
      availabilityZoneNames: ['eu-central-1a', 'eu-central-1b'],
      enableDnsHostnames: true,
      natGateways: { strategy: 'Single' },
      subnetStrategy: 'Auto',
      subnetSpecs: [
        { type: 'Public', cidrBlocks: ['10.20.192.0/21', '10.20.200.0/21'] },
        { type: 'Private', cidrBlocks: ['10.20.0.0/18', '10.20.64.0/18'] },
        { type: 'Isolated', cidrBlocks: ['10.20.224.0/21', '10.20.232.0/21'] },
      ],
    });
    expect(ofType(graph, 'DefaultSecurityGroup')[0]?.inputs).toMatchObject({ ingress: [], egress: [] });
    expect(ofType(graph, 'FlowLog')).toHaveLength(1);
    expect(ofType(graph, 'VpcEndpoint')).toEqual([]);
    expect(graph.outputs).toMatchObject({ zones: 2 });
  });

  it('has every endpoint that hosts need where there is no NAT', async () => {
    const graph = await record({ nat: 'none' });
    const services = ofType(graph, 'VpcEndpoint').map(({ inputs }) => inputs.serviceName);
    expect(services.toSorted()).toEqual(
      Object.keys(endpointServices)
        .map((service) => `com.amazonaws.eu-central-1.${service}`)
        .sort(),
    );
  });

  it('makes nothing inside a network that exists already', async () => {
    const ids = (kind: string) => [`subnet-${kind}0000001`, `subnet-${kind}0000002`];
    const network = {
      vpcId: 'vpc-00000001',
      publicSubnetIds: ids('a'),
      privateSubnetIds: ids('b'),
      isolatedSubnetIds: ids('c'),
    };
    const graph = await record({ source: 'existing', zones: 2, nat: 'none' }, { network });
    expect(graph.resources.filter(({ custom, type }) => custom && !type.startsWith('pulumi:'))).toEqual([]);
    expect(graph.outputs).toMatchObject({ first: 'subnet-c0000001' });
  });
});
