import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { policy, type Statement, tlsOnly } from './policy-document.ts';

export type LifecycleRule = aws.types.input.s3.BucketLifecycleConfigurationRule;

export type PrivateBucketArgs = {
  /**
   * Physical name, where others spell it; a prefix of at most 37 characters, where AWS may add to it; else
   * Pulumi's own.
   */
  name: { bucket: string } | { bucketPrefix: string } | Record<never, never>;
  /** What its policy says besides "TLS only", given its ARN. */
  statements: (arn: string) => readonly Statement[];
  /**
   * A key of KMS, or null for S3's own key: readers of other accounts need no grant for it, and log delivery
   * takes no other.
   */
  kmsKeyArn: pulumi.Input<string> | null;
  /** Locked objects can't be deleted before their time; needs versions. */
  keeps: 'nothing' | 'versions' | 'locked versions';
  /** Also out of a state whose program no longer declares it. */
  retained?: boolean;
  lifecycle: readonly LifecycleRule[];
  tags: Record<string, string>;
};

/**
 * A bucket that keeps to itself: encrypted, without ACLs and public access, reached over TLS 1.2 and later
 * only. Every bucket of the cloud program and of the foundation is one.
 *
 * A change of its name, or locking it later, replaces it and would lose every object; it is protected against
 * both.
 */
export class PrivateBucket extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly bucket: pulumi.Output<string>;
  /** Must exist before a service is told to write here. */
  readonly policy: aws.s3.BucketPolicy;

  constructor(name: string, args: PrivateBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:PrivateBucket', name, {}, options);
    const { kmsKeyArn, keeps, tags } = args;
    const inside: pulumi.ResourceOptions = { parent: this };
    const locked: aws.s3.BucketArgs = keeps === 'locked versions' ? { objectLockEnabled: true } : {};
    const made = new aws.s3.Bucket(
      `${name}-bucket`,
      { ...args.name, ...locked, tags },
      { ...inside, protect: true, retainOnDelete: args.retained === true },
    );
    const { bucket, arn } = made;
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      inside,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      inside,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault:
              kmsKeyArn === null
                ? { sseAlgorithm: 'AES256' }
                : { sseAlgorithm: 'aws:kms', kmsMasterKeyId: kmsKeyArn },
            bucketKeyEnabled: kmsKeyArn !== null,
          },
        ],
      },
      inside,
    );
    const versions =
      keeps === 'nothing'
        ? []
        : [
            new aws.s3.BucketVersioning(
              `${name}-versioning`,
              { bucket, versioningConfiguration: { status: 'Enabled' } },
              { ...inside, protect: true },
            ),
          ];
    // Rules for old versions count only where there are versions.
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { bucket, rules: [...args.lifecycle] },
      { ...inside, dependsOn: versions },
    );
    this.policy = new aws.s3.BucketPolicy(
      `${name}-policy`,
      { bucket, policy: arn.apply((known) => policy(...tlsOnly(known), ...args.statements(known))) },
      // Both write to the bucket's policy status; at once they answer "conflicting operation".
      { ...inside, dependsOn: [closed] },
    );
    this.arn = arn;
    this.bucket = bucket;
    this.registerOutputs({ arn, bucket });
  }
}
