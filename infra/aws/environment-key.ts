import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { environmentKeyAlias } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';
import { policy } from './policy-document.ts';

export type EnvironmentKeyArgs = { stack: Stack };

/**
 * The KMS key of an environment: Redis, files, secrets, logs and alarms are encrypted with it. Symmetric, so
 * AWS rotates its material once a year by itself. Protected: deleting it loses whatever it encrypts, and
 * replacing it replaces the Redis group and the file system with their data.
 */
export class EnvironmentKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, { stack }: EnvironmentKeyArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:EnvironmentKey', name, {}, options);
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Lockstep: ${stack.app} in ${stack.environment}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: renderKeyPolicy(stack),
        tags: stack.tags,
      },
      { parent: this, protect: true },
    );
    new aws.kms.Alias(
      `${name}-alias`,
      { name: environmentKeyAlias(stack), targetKeyId: key.id },
      { parent: this },
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/**
 * The account decides by IAM who may use the key. Services that write by themselves are let in by name, each
 * for the account's own things only: log groups of the environment's region, alarms and budgets that send to
 * the encrypted topic.
 */
function renderKeyPolicy({ identity: { account, region } }: Stack): string {
  const use = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 'kms:DescribeKey'];
  return policy(
    {
      Sid: 'AccountDecides',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
    {
      Sid: 'LogsEncrypt',
      Effect: 'Allow',
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: use,
      Resource: '*',
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` },
      },
    },
    {
      Sid: 'AlarmsPublish',
      Effect: 'Allow',
      Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  );
}
