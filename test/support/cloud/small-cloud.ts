import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../../../infra/stack/naming.ts';
import type { Subject } from '../../../infra/stack/stack.ts';

/**
 * A cloud program of a few resources, with one place of each kind where an environment could leak in.
 * `mutate` gets every place by name and what stands there; the identity answers unless a mutant knows better.
 */
export type Place =
  | 'input'
  | 'nested input'
  | 'tag'
  | 'option protect'
  | 'option ignoreChanges'
  | 'option dependsOn'
  | 'logical name'
  | 'physical name'
  | 'count'
  | 'resource'
  | 'env value'
  | 'user data'
  | 'user data in gzip'
  | 'policy text'
  | 'output'
  | 'address'
  | 'zone'
  | 'alias'
  | 'limit'
  | 'end of a name';
export type Mutant = <T>(place: Place, value: T, subject: Subject) => T;

export function smallCloud(subject: Subject, mutate: Mutant, pack: (text: string) => string): unknown {
  const { settings, identity, pins } = subject;
  const at = <T>(place: Place, value: T): T => mutate(place, value, subject);
  const stack = { app: settings.app.name, environment: identity.environment };
  const region = pins.regions[identity.region];
  const provider = new aws.Provider('aws', {
    region: identity.region,
    allowedAccountIds: [identity.account],
  });
  const parent = new pulumi.ComponentResource('lockstep:infra:Small', 'small', {}, { providers: [provider] });
  const tags = { Name: physicalName(stack, at('physical name', 'queue'), 80), app: at('tag', stack.app) };
  const key = new aws.kms.Key('small-key', { description: `for ${identity.domain}`, tags }, { parent });
  const group = new aws.elasticache.ReplicationGroup(
    'small-redis',
    {
      description: 'sessions',
      numCacheClusters: settings.redis.nodes,
      nodeType: at('input', settings.redis.nodeType),
      kmsKeyId: key.arn,
      replicationGroupId: at('end of a name', physicalName(stack, 'redis', at('limit', 20))),
    },
    {
      parent,
      protect: at('option protect', true),
      ignoreChanges: at('option ignoreChanges', ['engineVersion']),
      aliases: at('alias', [{ name: 'old' }]),
    },
  );
  new aws.sqs.Queue(
    at('logical name', 'small-queue'),
    {
      policy: pulumi.jsonStringify({
        Resource: key.arn,
        Account: identity.account,
        Action: at('policy text', ['sqs:SendMessage']),
      }),
      tags,
    },
    { parent, dependsOn: at('option dependsOn', [group]) },
  );
  for (const [index, zone] of (region?.zones ?? []).slice(0, at('count', settings.network.zones)).entries()) {
    new aws.ec2.Subnet(
      `small-subnet-${index}`,
      {
        vpcId: 'vpc-1',
        availabilityZone: at('zone', zone),
        cidrBlock: at('address', identity.cidr.replace('.0.0/16', `.${index}.0/24`)),
      },
      { parent },
    );
  }
  if (at('resource', false)) new aws.sns.Topic('small-topic', {}, { parent });
  const script = (place: 'user data' | 'user data in gzip') =>
    `#!/bin/sh\nexport REDIS=«small-redis.primaryEndpointAddress»\nNAME='${at('env value', identity.env.PUBLIC_NAME ?? '')}'\n${at(place, 'exec agent boot')} ${identity.environment}\n`;
  new aws.ec2.LaunchTemplate(
    'small-template',
    {
      imageId: region?.images['host-x86_64'] ?? '',
      metadataOptions: { httpTokens: at('nested input', 'required') },
      userData: Buffer.from(`${script('user data')}${pack(script('user data in gzip'))}`).toString('base64'),
    },
    { parent },
  );
  return { url: at('output', `https://${identity.domain}`), redis: group.primaryEndpointAddress };
}
