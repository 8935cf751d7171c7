import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import { expect, test } from 'vitest';
import { recordGraph } from '../../../scripts/adapters/pulumi/graph-recorder.ts';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { labelOf } from '../../../scripts/domain/plan/graph.ts';

async function faultsOf(program: () => unknown): Promise<readonly string[]> {
  const error = await recordGraph(program).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LockstepError))
    throw new TypeError('the recording was not refused', { cause: error });
  return error.details;
}

test('records inputs, parents and every option, and references survive as tokens', async () => {
  const graph = await recordGraph(() => {
    const provider = new aws.Provider('aws', { region: 'eu-central-1', allowedAccountIds: ['111122223333'] });
    const parent = new pulumi.ComponentResource(
      'lockstep:infra:Files',
      'files',
      {},
      { providers: [provider] },
    );
    const key = new aws.kms.Key(
      'files-key',
      { description: 'files' },
      { parent, aliases: [{ name: 'old-key' }] },
    );
    const system = new aws.efs.FileSystem(
      'files-system',
      { encrypted: true, kmsKeyId: key.arn, tags: { Name: 'x' } },
      { parent, protect: true, retainOnDelete: true, ignoreChanges: ['tags'], deleteBeforeReplace: false },
    );
    new aws.ssm.Parameter(
      'files-id',
      { type: 'String', value: pulumi.interpolate`${system.id}/${system.dnsName}` },
      { parent, dependsOn: [key] },
    );
    return { fileSystem: system.id };
  });
  expect(graph.resources.map(labelOf)).toEqual([
    'aws (pulumi:providers:aws)',
    'files (lockstep:infra:Files)',
    'files-id (aws:ssm/parameter:Parameter)',
    'files-key (aws:kms/key:Key)',
    'files-system (aws:efs/fileSystem:FileSystem)',
  ]);
  const [, , parameter, key, system] = graph.resources;
  expect(parameter?.inputs).toEqual({
    type: 'String',
    // The SDK itself marks this input.
    value: { '«secret»': '«files-system.id»/«files-system.dnsName»' },
  });
  expect(parameter?.options).toMatchObject({
    dependencies: ['files-key (aws:kms/key:Key)', 'files-system (aws:efs/fileSystem:FileSystem)'],
    propertyDependencies: { value: ['files-system (aws:efs/fileSystem:FileSystem)'] },
    provider: 'aws (pulumi:providers:aws)',
  });
  expect(key?.options.aliases).toEqual([
    expect.objectContaining({ spec: expect.objectContaining({ name: 'old-key' }) }),
  ]);
  expect(system).toMatchObject({
    parent: 'files (lockstep:infra:Files)',
    custom: true,
    inputs: { encrypted: true, kmsKeyId: '«files-key.arn»', tags: { Name: 'x' } },
    options: { protect: true, retainOnDelete: true, ignoreChanges: ['tags'], deleteBeforeReplace: false },
  });
  expect(graph.outputs).toEqual({ fileSystem: '«files-system.id»' });
});

test('numbers that AWS computes keep their reference as a text', async () => {
  const graph = await recordGraph(() => {
    const template = new aws.ec2.LaunchTemplate('fleet-template', { imageId: 'ami-1' });
    return template.latestVersion.apply(String);
  });
  expect(graph.outputs).toBe('«fleet-template.latestVersion»');
});

test('lists that a program looks into have the length that AWS would give them', async () => {
  const graph = await recordGraph(() => {
    const vpc = new awsx.ec2.Vpc('network', {
      cidrBlock: '10.0.0.0/16',
      availabilityZoneNames: ['a', 'b'],
      subnetSpecs: [{ type: 'Public' }, { type: 'Isolated' }],
    });
    const certificate = new aws.acm.Certificate('certificate', {
      domainName: 'a.example',
      validationMethod: 'DNS',
    });
    return [
      vpc.vpcId,
      vpc.publicSubnetIds,
      vpc.privateSubnetIds,
      certificate.domainValidationOptions[0]?.resourceRecordName,
    ];
  });
  expect(graph.outputs).toEqual([
    '«network.vpcId»',
    ['«network.publicSubnetIds[0]»', '«network.publicSubnetIds[1]»'],
    [],
    '«certificate.domainValidationOptions[0].resourceRecordName»',
  ]);
});

test('secrets are marked where they stand', async () => {
  const graph = await recordGraph(() => {
    new aws.ssm.Parameter('secret', { type: 'SecureString', value: pulumi.secret('hunter2') });
  });
  expect(graph.resources[0]?.inputs.value).toEqual({ '«secret»': 'hunter2' });
});

test('several programs run one after the other, and none sees resources of another', async () => {
  const names = ['one', 'two', 'three'];
  const graphs = await Promise.all(
    names.map((name) =>
      recordGraph(() =>
        new aws.sns.Topic(name).arn.apply((arn) => new aws.sqs.Queue(`${name}-q`, { name: arn }).url),
      ),
    ),
  );
  expect(graphs.map(({ resources }) => resources.map(({ name }) => name))).toEqual(
    names.map((name) => [name, `${name}-q`].toSorted()),
  );
});

const topic = () => new aws.sns.Topic('topic', { displayName: 'x' });
const faults: readonly [string, () => unknown, RegExp][] = [
  ['an invoke', () => void aws.getCallerIdentity(), /getCallerIdentity.* is looked up/],
  ['a resource that is read', () => void aws.sns.Topic.get('found', 'arn:x'), /found .* is read/],
  [
    'an output that came to undefined',
    () => {
      const certificate = new aws.acm.Certificate('certificate', { domainName: 'a.example' });
      const name = certificate.domainValidationOptions.apply(
        (list) => list[7]?.resourceRecordName ?? undefined,
      );
      new aws.sns.Topic('topic', { displayName: name as pulumi.Output<string> });
    },
    /resource:topic\[.*\]\.displayName: an output came to undefined/,
  ],
  [
    'an undefined deep inside an output',
    () =>
      void new aws.sns.Topic('topic', {
        tags: topicArn().apply((arn) => ({ arn, gone: Reflect.get({}, 'x') })),
      }),
    /tags\.gone: an output came to undefined/,
  ],
  [
    'an attribute that stays undefined, read for a JSON text',
    () => {
      const template = new aws.ec2.LaunchTemplate('template', {});
      new aws.sns.Topic('topic', { policy: pulumi.jsonStringify({ key: template.keyName }) });
    },
    /template\.keyName .* is not given, and AWS may leave it empty/,
  ],
  [
    'an attribute without a known shape',
    () => new aws.elasticache.ReplicationGroup('redis', { description: 'x' }).memberClusters[0],
    /redis\.memberClusters .* add its shape/,
  ],
  [
    'a part of a token',
    () => void new aws.sqs.Queue('queue', { name: topic().arn.apply((arn) => arn.slice(0, 5)) }),
    /queue .*\.name: part of a token/,
  ],
  [
    'a token that was changed',
    () => void new aws.sqs.Queue('queue', { name: topic().arn.apply((arn) => arn.toUpperCase()) }),
    /names no resource/,
  ],
  [
    'an undefined inside a text, also inside base64',
    () => {
      const text = topic().arn.apply((arn) => `#!/bin/sh\necho ${arn.split(':')[9]} and some more text`);
      new aws.ec2.LaunchTemplate('template', {
        userData: text.apply((plain) => Buffer.from(plain).toString('base64')),
      });
    },
    /template .*\.userData: undefined in "/,
  ],
  [
    'arithmetic with a number that AWS computes',
    () => {
      const { latestVersion } = new aws.ec2.LaunchTemplate('template', {});
      new aws.sqs.Queue('queue', {
        name: pulumi.interpolate`v${latestVersion.apply((version) => version * 2)}`,
      });
    },
    /NaN in "/,
  ],
  [
    'an output in a template string',
    () => void new aws.sqs.Queue('queue', { name: `x-${topic().arn}` }),
    /Calling/,
  ],
  [
    'an apply that throws',
    () =>
      void new aws.sqs.Queue('queue', {
        name: topic().arn.apply(() => {
          throw new TypeError('no such thing');
        }),
      }),
    /no such thing/,
  ],
  [
    'an apply that throws, where the answer of the program waits for it',
    () => {
      const name = topic().arn.apply((): string => {
        throw new TypeError('no such thing');
      });
      return {
        arn: new aws.sns.Topic('next', { displayName: new aws.sqs.Queue('queue', { name }).arn }).arn,
      };
    },
    /no such thing/,
  ],
  [
    'a program that throws',
    () => {
      throw new TypeError('not this way');
    },
    /not this way/,
  ],
  [
    'two resources of one name',
    () => {
      topic();
      new aws.sqs.Queue('topic');
    },
    /two resources are named topic/,
  ],
  ['a type of no SDK', () => void new Foreign(), /no installed SDK declares/],
  [
    'an output of the program that came to undefined',
    () => ({ arn: topic().arn.apply((arn) => arn.split(':')[9]) }),
    /what the program\.returned\.arn: an output came to undefined/,
  ],
];

function topicArn() {
  return new aws.sns.Topic('other').arn;
}

class Foreign extends pulumi.CustomResource {
  constructor() {
    super('aws:no/such:Such', 'foreign');
  }
}

test.each(faults)('refuses %s, and records the next program', async (_, program, message) => {
  expect((await faultsOf(program)).join('\n')).toMatch(message);
  const after = await recordGraph(topic);
  expect(after.resources).toHaveLength(1);
});

test('an input that is left out on purpose is no fault', async () => {
  const graph = await recordGraph(() => {
    new aws.sns.Topic('topic', { displayName: undefined as unknown as string, name: 'x' });
  });
  expect(graph.resources[0]?.inputs).toEqual({ name: 'x' });
});
