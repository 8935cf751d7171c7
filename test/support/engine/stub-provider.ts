import { isDeepStrictEqual } from 'node:util';
import type * as pulumi from '@pulumi/pulumi';
import { attributesOf } from '../../../infra/aws/sdk-attributes.ts';
import { stateOf } from '../../../scripts/adapters/pulumi/computed-state.ts';
import { token, type Values } from '../../../scripts/domain/plan/graph.ts';
import { typeAndName } from '../../../scripts/domain/plan/preview.ts';
import { StubVpc, type VpcInputs } from './stub-vpc.ts';

/**
 * Inputs that can't change in place; the sources are the docstrings of `infra/components`. Not AWS's whole
 * list.
 */
const replacing: Readonly<Record<string, readonly string[]>> = {
  'aws:ec2/vpc:Vpc': ['cidrBlock'],
  'aws:lb/targetGroup:TargetGroup': ['port', 'vpcId'],
  'aws:elasticache/replicationGroup:ReplicationGroup': ['replicationGroupId', 'kmsKeyId', 'port'],
  'aws:efs/fileSystem:FileSystem': ['encrypted', 'kmsKeyId', 'performanceMode'],
  'aws:cloudwatch/logGroup:LogGroup': ['name'],
};

/**
 * Serves the packages `aws` and `awsx` to a real engine without any cloud: whatever is asked for is there at
 * once, and what AWS would compute is a token. It refuses types and inputs that the SDK doesn't have, and
 * nothing else: it can't show what AWS would refuse.
 */
export const stubProvider: pulumi.provider.Provider = {
  version: '7.48.0',

  async check(urn: string, _olds: Values, news: Values) {
    const { type } = typeAndName(urn);
    const known = attributesOf(type);
    const unknown = known === undefined ? [] : Object.keys(news).filter((input) => !known.has(input));
    const noType: pulumi.provider.CheckFailure = {
      property: '',
      reason: `no installed SDK has the type ${type}`,
    };
    const failures = [
      ...(known === undefined ? [noType] : []),
      ...unknown.map((property) => ({ property, reason: `${type} has no input ${property}` })),
    ];
    return { inputs: news, failures };
  },

  /**
   * Without a word on `changes` the engine itself compares old inputs with new ones, `ignoreChanges` left
   * out.
   */
  async diff(_id: string, urn: string, olds: Values, news: Values) {
    const { type } = typeAndName(urn);
    return {
      replaces: (replacing[type] ?? []).filter((input) => !isDeepStrictEqual(olds[input], news[input])),
    };
  },

  async create(urn: string, inputs: Values) {
    return { id: token(labelOf(urn), 'id'), outs: stateFor(urn, inputs) };
  },

  async update(_id: string, urn: string, _olds: Values, news: Values) {
    return { outs: stateFor(urn, news) };
  },

  async construct(name, type, inputs, options) {
    if (type !== 'awsx:ec2:Vpc') throw new TypeError(`the stub makes no ${type}`);
    const vpc = new StubVpc(name, inputs as VpcInputs, options);
    const { vpcId, publicSubnetIds, privateSubnetIds, isolatedSubnetIds } = vpc;
    return { urn: vpc.urn, state: { vpcId, publicSubnetIds, privateSubnetIds, isolatedSubnetIds } };
  },
};

/** Names are unique by type alone: a VPC and its internet gateway share theirs. */
function labelOf(urn: string): string {
  const { type, name } = typeAndName(urn);
  return `${type.split(':').at(-1)}-${name}`;
}

function stateFor(urn: string, inputs: Values): Values {
  return stateOf(typeAndName(urn).type, labelOf(urn), inputs);
}
