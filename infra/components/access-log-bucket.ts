import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../naming.ts';
import type { Stack } from '../stack.ts';

export type AccessLogBucketArgs = { stack: Stack; retentionDays: number };

/**
 * Where a balancer writes its access logs: TLS only, no public access, no ACLs, deleted after some days. Encrypted with S3's
 * own keys, because log delivery takes no other (ELB: "Access logs for your Application Load Balancer").
 *
 * Holds logs, so it is protected. AWS makes its name from a prefix; a changed prefix (app or environment renamed)
 * replaces the bucket, which S3 refuses while logs are in it. `policy` has to stand before a balancer names the bucket.
 */
export class AccessLogBucket extends pulumi.ComponentResource {
  readonly bucket: pulumi.Output<string>;
  readonly policy: aws.s3.BucketPolicy;

  constructor(name: string, args: AccessLogBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:AccessLogBucket', name, {}, options);
    const { stack } = args;
    const tags = { ...stack.tags, Name: physicalName(stack, 'access-logs', 128) };
    const resource = new aws.s3.Bucket(
      `${name}-bucket`,
      // A prefix has at most 37 characters: AWS adds 26.
      { bucketPrefix: `${physicalName(stack, 'access-logs', 36)}-`, tags },
      { parent: this, protect: true },
    );
    const bucket = resource.bucket;
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent: this },
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      { parent: this },
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }] },
      { parent: this },
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          {
            id: 'expire',
            status: 'Enabled',
            filter: { prefix: '' },
            expiration: { days: args.retentionDays },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      { parent: this },
    );
    this.policy = new aws.s3.BucketPolicy(
      `${name}-policy`,
      { bucket, policy: bucketPolicy(resource.arn, stack.identity.account) },
      // Both write to the bucket's policy status; at once they answer "conflicting operation".
      { parent: this, dependsOn: [closed] },
    );
    this.bucket = bucket;
    this.registerOutputs({ bucket: this.bucket });
  }
}

function bucketPolicy(arn: pulumi.Input<string>, account: string): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'BalancersWrite',
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: pulumi.interpolate`${arn}/AWSLogs/${account}/*`,
      },
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, pulumi.interpolate`${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
