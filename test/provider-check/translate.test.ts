import { describe, expect, test } from 'vitest';
import { LockstepError } from '../../scripts/domain/errors.ts';
import type { Graph, GraphResource, Values } from '../../scripts/domain/plan/graph.ts';
import type { Exceptions } from './exceptions.ts';
import { exceptionKeys } from './exceptions.ts';
import { type ProviderSchema, parseProviderSchema } from './provider-schema.ts';
import { renderProviders, renderResources } from './terraform-config.ts';
import { translate } from './translate.ts';

const text = { type: 'string' };
const number = { type: 'number' };
const tags = { type: ['map', 'string'] };
const schema: ProviderSchema = parseProviderSchema(
  JSON.stringify({
    provider_schemas: {
      'registry.terraform.io/hashicorp/aws': {
        provider: {
          block: {
            attributes: { region: text, allowed_account_ids: { type: ['set', 'string'] } },
            block_types: { assume_role: { block: { attributes: { role_arn: text } } } },
          },
        },
        resource_schemas: {
          aws_launch_template: { block: { attributes: { latest_version: number, user_data: text } } },
          aws_autoscaling_group: {
            block: {
              attributes: { min_size: number, target_group_arns: { type: ['set', 'string'] } },
              block_types: {
                launch_template: { block: { attributes: { id: text, version: text } } },
                tag: {
                  block: { attributes: { key: text, value: text, propagate_at_launch: { type: 'bool' } } },
                },
              },
            },
          },
          aws_lb: { block: { attributes: { arn: text, tags } } },
          aws_acm_certificate: {
            block: { attributes: { domain_validation_options: { type: ['set', 'dynamic'] } } },
          },
          aws_route53_record: { block: { attributes: { name: text, type: text } } },
          aws_default_security_group: {
            block: {
              attributes: {
                ingress: {
                  type: ['set', ['object', { from_port: 'number', cidr_blocks: ['list', 'string'] }]],
                },
              },
            },
          },
          aws_elasticache_parameter_group: { block: { attributes: { name: { ...text, required: true } } } },
          aws_kms_key: { block: { attributes: { key_spec: text } } },
        },
      },
    },
  }),
);

const exceptions: Exceptions = {
  types: { 'aws:lb/loadBalancer:LoadBalancer': { as: 'aws_lb', reason: 'shorter' } },
  names: { 'aws:kms/key:Key spec': { as: 'key_spec', reason: 'another word' } },
  values: { 'aws:kms/key:Key spec': { from: 'NEW', to: 'OLD', reason: 'not known yet' } },
  options: { protect: "the engine's own" },
};

function resource(type: string, name: string, inputs: Values = {}, options: Values = {}): GraphResource {
  return { type, name, parent: null, custom: true, inputs, options };
}

const template = resource('aws:ec2/launchTemplate:LaunchTemplate', 'fleet-template');
const balancer = resource('aws:lb/loadBalancer:LoadBalancer', 'balancer');

function translated(...resources: GraphResource[]) {
  return translate({ resources, outputs: null } satisfies Graph, schema, exceptions);
}

function bodyOf(target: GraphResource, ...others: GraphResource[]) {
  return translated(target, ...others).resources.find(({ label }) => label.startsWith(`${target.name} `))
    ?.body;
}

/** The details of the error; none where all could be said. */
function problemsOf(...resources: GraphResource[]): readonly string[] {
  try {
    translated(...resources);
    return [];
  } catch (error) {
    if (error instanceof LockstepError) return error.details;
    throw error;
  }
}

describe('a graph in the words of the provider', () => {
  test('names follow the schema: types with and without their module, lists in the singular, maps as they are', () => {
    const group = resource('aws:autoscaling/group:Group', 'fleet', {
      minSize: 2,
      launchTemplate: { id: '«fleet-template.id»', version: '«fleet-template.latestVersion»' },
      tags: [{ key: 'Name', value: 'fleet', propagateAtLaunch: false }],
    });
    expect(bodyOf(group, template)).toEqual({
      min_size: 2,
      launch_template: [
        {
          id: '${aws_launch_template.fleet-template.id}',
          version: '${aws_launch_template.fleet-template.latest_version}',
        },
      ],
      tag: [{ key: 'Name', value: 'fleet', propagate_at_launch: false }],
    });
    expect(bodyOf({ ...balancer, inputs: { tags: { costCentre: 'a' } } })).toEqual({
      tags: { costCentre: 'a' },
    });
  });

  test('references inside longer texts and into sets stay references; what looks like a template stays text', () => {
    const record = resource('aws:route53/record:Record', 'record', {
      name: 'x-«certificate.domainValidationOptions[0].resourceRecordName»',
      type: '${Name} and %{if}, $5',
    });
    expect(bodyOf(record, resource('aws:acm/certificate:Certificate', 'certificate'))).toEqual({
      name: 'x-${tolist(aws_acm_certificate.certificate.domain_validation_options)[0].resource_record_name}',
      type: '$${Name} and %%{if}, $5',
    });
  });

  test('an attribute that is an object is whole, a name that Pulumi would give is given', () => {
    const group = resource('aws:ec2/defaultSecurityGroup:DefaultSecurityGroup', 'd', {
      ingress: [{ fromPort: 1 }],
    });
    expect(bodyOf(group)).toEqual({ ingress: [{ from_port: 1, cidr_blocks: null }] });
    const unnamed = resource('aws:elasticache/parameterGroup:ParameterGroup', 'redis.parameters');
    expect(bodyOf(unnamed)).toEqual({ name: 'redis.parameters-0000000' });
  });

  test('options that mean something to Terraform are said; what is referred to needs no depends_on', () => {
    const group = resource(
      'aws:autoscaling/group:Group',
      'fleet',
      { targetGroupArns: ['«balancer.arn»'] },
      {
        provider: 'hub.eu (pulumi:providers:aws)',
        ignoreChanges: ['launchTemplate', 'tags'],
        dependencies: [
          'balancer (aws:lb/loadBalancer:LoadBalancer)',
          'fleet-template (aws:ec2/launchTemplate:LaunchTemplate)',
          'fleet (lockstep:infra:Fleet)',
        ],
        protect: true,
      },
    );
    const { resources, used } = translated(group, template, balancer);
    expect(renderResources(resources)).toMatchObject({
      resource: {
        aws_autoscaling_group: {
          fleet: {
            provider: 'aws.hub_eu',
            lifecycle: { ignore_changes: ['launch_template', 'tag'] },
            depends_on: ['aws_launch_template.fleet-template'],
          },
        },
      },
    });
    expect([...used].sort()).toEqual(['options protect', 'types aws:lb/loadBalancer:LoadBalancer']);
  });

  test('what ignores every change says so in one word', () => {
    const { resources } = translated({ ...balancer, options: { ignoreChanges: ['*'] } });
    expect(renderResources(resources)).toEqual({
      resource: { aws_lb: { balancer: { lifecycle: { ignore_changes: 'all' } } } },
    });
  });

  test('an exception counts as used where it changed something', () => {
    const key = (spec: string) => resource('aws:kms/key:Key', 'key', { spec });
    expect(bodyOf(key('NEW'))).toEqual({ key_spec: 'OLD' });
    expect(bodyOf(key('KNOWN'))).toEqual({ key_spec: 'KNOWN' });
    expect([...translated(key('KNOWN')).used]).toEqual(['names aws:kms/key:Key spec']);
    expect(exceptionKeys(exceptions)).toContain('values aws:kms/key:Key spec');
  });

  test('a provider keeps its account and its role, and gets credentials of the emulator', () => {
    const hub = resource('pulumi:providers:aws', 'hub', {
      region: 'eu-central-1',
      allowedAccountIds: '["111122223333"]',
      assumeRoles: '[{"roleArn":"arn:aws:iam::111122223333:role/setup"}]',
    });
    const { providers, resources } = translated(hub);
    expect(resources).toEqual([]);
    expect(renderProviders(providers)).toMatchObject({
      provider: {
        aws: [
          {
            alias: 'hub',
            region: 'eu-central-1',
            allowed_account_ids: ['111122223333'],
            assume_role: [{ role_arn: 'arn:aws:iam::111122223333:role/setup' }],
            access_key: '111122223333',
          },
        ],
      },
    });
  });

  test('everything that can not be said is named at once', () => {
    const problems = problemsOf(
      resource('aws:sqs/queue:Queue', 'queue'),
      resource('aws:kms/key:Key', 'key', { rotation: true, keySpec: ['a'] }),
      resource('aws:autoscaling/group:Group', 'group', { launchTemplate: 'lt-1', targetGroupArns: 'a' }),
      resource('aws:route53/record:Record', 'record', { name: '«key.colour»', type: '«nobody.arn»' }),
      resource('aws:lb/loadBalancer:LoadBalancer', 'lb', { tags: 'a' }, { deletedWith: 'vpc' }),
    );
    expect(problems).toEqual([
      'queue (aws:sqs/queue:Queue): the provider knows no such type',
      'key (aws:kms/key:Key).rotation: the provider has no such input',
      'key (aws:kms/key:Key).keySpec: is a string, and not what stands there',
      'group (aws:autoscaling/group:Group).launchTemplate: is a block, and holds no map',
      'group (aws:autoscaling/group:Group).targetGroupArns: is a set, and not what stands there',
      'record (aws:route53/record:Record): «key.colour» is nothing that the provider knows',
      'record (aws:route53/record:Record): «nobody.arn» is nothing that the provider knows',
      'lb (aws:lb/loadBalancer:LoadBalancer): option deletedWith',
      'lb (aws:lb/loadBalancer:LoadBalancer).tags: is a map, and not what stands there',
    ]);
  });

  test('a schema without the AWS provider is said to be one', () => {
    expect(() => parseProviderSchema('{}')).toThrow('terraform knows no provider');
  });
});
