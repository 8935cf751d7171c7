import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../naming.ts';
import type { Stack } from '../stack.ts';

export type LlmMirrorArgs = { stack: Stack; keyArn: pulumi.Input<string> };

/**
 * The weights, by revision: a replaced host loses its volume, and a model hub may withdraw what it published. Filled by a
 * person (`renderMirrorScript`), read by the host. Its name is left to Pulumi, because bucket names are the world's. Replaced by
 * a change of name only; protected, because filling it again takes an hour.
 */
export class LlmMirror extends pulumi.ComponentResource {
  readonly bucket: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, { stack, keyArn }: LlmMirrorArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:LlmMirror', name, {}, options);
    const bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { tags: { ...stack.tags, Name: physicalName(stack, 'models', 255) } },
      { parent: this, protect: true },
    );
    const inside = { parent: this };
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-private`,
      {
        bucket: bucket.id,
        ...{ blockPublicAcls: true, blockPublicPolicy: true },
        ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
      },
      inside,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-owner`,
      { bucket: bucket.id, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      inside,
    );
    new aws.s3.BucketVersioning(
      `${name}-versions`,
      { bucket: bucket.id, versioningConfiguration: { status: 'Enabled' } },
      inside,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket: bucket.id,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true,
          },
        ],
      },
      inside,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket: bucket.id,
        rules: [
          {
            ...{ id: 'expire-what-was-overwritten', status: 'Enabled', filter: { prefix: '' } },
            noncurrentVersionExpiration: { noncurrentDays: 30 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
          },
        ],
      },
      inside,
    );
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { bucket: bucket.id, policy: bucket.arn.apply(renderTlsOnly) },
      { parent: this, dependsOn: [closed] },
    );
    this.bucket = bucket.bucket;
    this.arn = bucket.arn;
    this.registerOutputs({ bucket: this.bucket, arn: this.arn });
  }
}

function renderTlsOnly(arn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'NoPlainTransport',
        ...{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`] },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
