import type * as pulumi from '@pulumi/pulumi';
import { PrivateBucket } from '../aws/private-bucket.ts';
import { physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type AccessLogBucketArgs = { stack: Stack; retentionDays: number };

/**
 * Where a balancer writes its access logs, deleted after some days. Encrypted with S3's own keys, because log
 * delivery takes no other (ELB: "Access logs for your Application Load Balancer").
 *
 * AWS makes its name from a prefix; a changed prefix (app or environment renamed) replaces the bucket, which
 * S3 refuses while logs are in it.
 */
export class AccessLogBucket extends PrivateBucket {
  constructor(name: string, args: AccessLogBucketArgs, options?: pulumi.ComponentResourceOptions) {
    const { stack, retentionDays } = args;
    super(
      name,
      {
        // At most 37 characters: AWS adds 26.
        name: { bucketPrefix: `${physicalName(stack, 'access-logs', 36)}-` },
        statements: (arn) => [
          {
            Sid: 'BalancersWrite',
            Effect: 'Allow',
            Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
            Action: 's3:PutObject',
            Resource: `${arn}/AWSLogs/${stack.identity.account}/*`,
          },
        ],
        kmsKeyArn: null,
        keeps: 'nothing',
        lifecycle: [
          {
            id: 'expire',
            status: 'Enabled',
            filter: { prefix: '' },
            expiration: { days: retentionDays },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
        tags: { ...stack.tags, Name: physicalName(stack, 'access-logs', 128) },
      },
      options,
    );
  }
}
