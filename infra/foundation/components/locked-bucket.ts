import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;

export type LockedBucketArgs = {
  /** Physical name, known beforehand: policies of other accounts spell it. */
  bucket: string;
  policy: string;
  /** A key of KMS, or null for S3's own key, which readers of other accounts need no grant for. */
  kmsKeyArn: pulumi.Input<string> | null;
  objectLock: boolean;
  lifecycle: Rule[];
  tags: Record<string, string>;
};

/**
 * A bucket that keeps what it is given: versioned, encrypted, private, owned by its account, with a policy of its own.
 * A change of `bucket` or `objectLock` replaces it and would lose every object; it is protected against both.
 */
export class LockedBucket extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly bucket: pulumi.Output<string>;

  constructor(name: string, args: LockedBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:foundation:LockedBucket', name, {}, options);
    const { kmsKeyArn, tags } = args;
    const child = { parent: this };
    const made = new aws.s3.Bucket(
      `${name}-bucket`,
      { bucket: args.bucket, objectLockEnabled: args.objectLock, tags: { ...tags, Name: args.bucket } },
      { ...child, protect: true, retainOnDelete: true },
    );
    const { bucket } = made;
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { bucket, versioningConfiguration: { status: 'Enabled' } },
      { ...child, protect: true },
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
      child,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      child,
    );
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    // S3 takes one change of a bucket at a time, and noncurrent rules only where there are versions.
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { bucket, policy: args.policy },
      { ...child, dependsOn: [closed] },
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { bucket, rules: args.lifecycle },
      { ...child, dependsOn: [versioning] },
    );
    this.arn = made.arn;
    this.bucket = bucket;
    this.registerOutputs({ arn: this.arn, bucket: this.bucket });
  }
}
