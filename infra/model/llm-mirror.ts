import type * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import { PrivateBucket } from '../aws/private-bucket.ts';
import { physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type LlmMirrorArgs = { stack: Stack; key: Pick<EnvironmentKey, 'arn'> };

/**
 * The weights, by revision: a replaced host loses its volume, and a model hub may withdraw what it published.
 * Filled by a person (`renderMirrorScript`), read by the host. Its name is left to Pulumi, because bucket
 * names are the world's. Protected, because filling it again takes an hour.
 */
export class LlmMirror extends PrivateBucket {
  constructor(name: string, { stack, key }: LlmMirrorArgs, options?: pulumi.ComponentResourceOptions) {
    super(
      name,
      {
        name: {},
        statements: () => [],
        kmsKeyArn: key.arn,
        keeps: 'versions',
        lifecycle: [
          {
            id: 'expire-what-was-overwritten',
            status: 'Enabled',
            filter: { prefix: '' },
            noncurrentVersionExpiration: { noncurrentDays: 30 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
          },
        ],
        tags: { ...stack.tags, Name: physicalName(stack, 'models', 255) },
      },
      options,
    );
  }
}
