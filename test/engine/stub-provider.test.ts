import path from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import rpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import { describe, expect, test } from 'vitest';
import { planSubnets } from '../../infra/network/ranges/subnets.ts';
import { planVpcChildren } from '../../infra/network/ranges/vpc-children.ts';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { serve } from '../support/engine/served.ts';
import { stubProvider } from '../support/engine/stub-provider.ts';
import { ask, insecure, structOf } from '../support/servers/pulumi-grpc.ts';

const urnOf = (type: string, name: string) =>
  `urn:pulumi:staging::lockstep::lockstep:infra:X$${type}::${name}`;
const topic = urnOf('aws:sns/topic:Topic', 'alarms');
const targets = urnOf('aws:lb/targetGroup:TargetGroup', 'targets');

describe('the stub provider, without an engine', () => {
  test('takes inputs that the SDK has, and names others', async () => {
    expect(await stubProvider.check?.(topic, {}, { name: 'x' })).toEqual({
      inputs: { name: 'x' },
      failures: [],
    });
    expect(await stubProvider.check?.(topic, {}, { nmae: 'x' })).toMatchObject({
      failures: [{ property: 'nmae', reason: expect.stringContaining('no input nmae') }],
    });
    expect(await stubProvider.check?.(urnOf('aws:sns/tpoic:Tpoic', 'x'), {}, {})).toMatchObject({
      failures: [{ reason: expect.stringContaining('no installed SDK') }],
    });
  });

  test('takes everything that production declares', async () => {
    const graph = await recordStack(exampleSubject('production'));
    const resources = graph.resources.filter(({ type }) => type.startsWith('aws:'));
    expect(resources.length).toBeGreaterThan(80);
    for (const { type, name, inputs } of resources) {
      const answer = await stubProvider.check?.(urnOf(type, name), {}, inputs);
      expect(answer?.failures, `${name} (${type})`).toEqual([]);
    }
  });

  test('leaves changes to the engine, and knows what replaces', async () => {
    expect(await stubProvider.diff?.('id', targets, { port: 1, arn: 'x' }, { port: 1 })).toEqual({
      replaces: [],
    });
    expect(await stubProvider.diff?.('id', targets, { port: 1 }, { port: 2 })).toEqual({
      replaces: ['port'],
    });
    expect(await stubProvider.diff?.('id', topic, { name: 'x' }, { name: 'y' })).toEqual({ replaces: [] });
  });

  test('answers with the inputs and a token for each computed attribute, the same after an update', async () => {
    const created = await stubProvider.create?.(topic, { name: 'x' });
    expect(created).toMatchObject({
      id: '«Topic-alarms.id»',
      outs: { name: 'x', arn: '«Topic-alarms.arn»', owner: '«Topic-alarms.owner»' },
    });
    const updated = await stubProvider.update?.('id', topic, created?.outs, { name: 'y' });
    expect(updated?.outs).toEqual({ ...created?.outs, name: 'y' });
  });

  test('serves both packages over gRPC, and takes an engine that attaches', async () => {
    const program = path.join(import.meta.dirname, '../support/engine/serve-stub.ts');
    const served = await serve([program], import.meta.dirname);
    try {
      const client = new rpc.ResourceProviderClient(`127.0.0.1:${served.port}`, insecure());
      const request = new messages.CreateRequest().setUrn(topic).setProperties(structOf({ name: 'x' }));
      const created = await ask<messages.CreateResponse>((done) => client.create(request, done));
      expect(created.getProperties()?.toJavaScript()).toMatchObject({
        name: 'x',
        arn: '«Topic-alarms.arn»',
      });
      const diff = new messages.DiffRequest().setUrn(topic).setOlds(structOf({})).setNews(structOf({}));
      const answer = await ask<messages.DiffResponse>((done) => client.diff(diff, done));
      expect(answer.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_UNKNOWN);
      await ask((done) => client.attach(new pluginMessages.PluginAttach().setAddress('127.0.0.1:1'), done));
      client.close();
    } finally {
      await served.stop();
    }
  });

  test('builds the VPC out of the children that the plan expects [what awsx itself makes is not proved here]', async () => {
    const made: string[] = [];
    await pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        made.push(`${type} ${name}`);
        return { id: `${type} ${name}`, state: { ...inputs, allocationId: `allocation of ${name}` } };
      },
      call: () => ({}),
    });
    const zones = ['eu-central-1a', 'eu-central-1b'];
    const plan = planSubnets('10.20.0.0/16', zones);
    const tags = { 'lockstep:app': 'intake' };
    const inputs = {
      cidrBlock: '10.20.0.0/16',
      availabilityZoneNames: zones,
      tags,
      natGateways: { strategy: 'Single' },
      subnetSpecs: [
        { type: 'Public', cidrBlocks: plan.map((zone) => zone.public) },
        { type: 'Private', cidrBlocks: plan.map((zone) => zone.private) },
        { type: 'Isolated', cidrBlocks: plan.map((zone) => zone.isolated) },
      ],
      vpcEndpointSpecs: [{ serviceName: 'com.amazonaws.eu-central-1.s3' }],
    };
    const answer = await stubProvider.construct?.('net-vpc', 'awsx:ec2:Vpc', inputs, {});
    const state = await new Promise<Record<string, unknown>>((resolve) => {
      pulumi.output(answer?.state).apply((known) => resolve({ ...known }));
    });
    const expected = planVpcChildren({
      name: 'net-vpc',
      cidr: '10.20.0.0/16',
      subnets: plan,
      nat: 'single',
      tags,
      gatewayServices: ['com.amazonaws.eu-central-1.s3'],
    });
    expect(state).toEqual({
      vpcId: 'aws:ec2/vpc:Vpc net-vpc',
      publicSubnetIds: [1, 2].map((zone) => `aws:ec2/subnet:Subnet net-vpc-public-${zone}`),
      privateSubnetIds: [1, 2].map((zone) => `aws:ec2/subnet:Subnet net-vpc-private-${zone}`),
      isolatedSubnetIds: [1, 2].map((zone) => `aws:ec2/subnet:Subnet net-vpc-isolated-${zone}`),
    });
    await pulumi.runtime.disconnect();
    expect(made.toSorted()).toEqual(
      ['awsx:ec2:Vpc net-vpc', ...expected.map(({ type, name }) => `${type} ${name}`)].toSorted(),
    );
    await expect(stubProvider.construct?.('x', 'awsx:lb:ApplicationLoadBalancer', {}, {})).rejects.toThrow(
      /makes no/,
    );
  });
});
