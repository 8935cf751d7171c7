import { z } from 'zod';

export const pipelineSchema = z
  .strictObject({
    roleSessionSeconds: z
      .int()
      .min(900)
      .max(43_200)
      .default(3_600)
      .describe(
        "Seconds that the credentials of a deploy are valid. IAM's maximum is 43200, and the role's own must allow as much (`deploySessionSeconds` of the foundation).",
      ),
    jobTimeoutMinutes: z
      .int()
      .min(5)
      .max(360)
      .default(60)
      .describe("Minutes after which the job that deploys is killed. GitHub's maximum is 360."),
  })
  .describe(
    'Limits of the job that deploys. Settings whose longest possible roll does not fit into them are refused.',
  );

export const rolloutSchema = z
  .strictObject({
    batchSize: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe(
        'Hosts switched at a time, after the first, which always goes alone. Larger: faster, with less capacity meanwhile.',
      ),
    drainTimeoutSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(30)
      .describe(
        'Seconds that a roll waits for the requests in flight of a host before it stops the services. What is still open then is cut.',
      ),
    healthyTimeoutSeconds: z
      .int()
      .min(1)
      .max(3600)
      .default(60)
      .describe(
        'Seconds that the balancer may take to see a switched host as healthy. After that the deploy fails and the hosts go back.',
      ),
    leaseSeconds: z
      .int()
      .min(1)
      .max(3600)
      .default(60)
      .describe('Seconds that a deployer which died keeps others out. A living one renews its lease.'),
    keepReleases: z
      .int()
      .min(2)
      .max(100)
      .default(5)
      .describe(
        'Releases kept on each host, the running one and the one before included. Going back to an older one means fetching it again.',
      ),
    allowDowntime: z
      .boolean()
      .default(false)
      .describe(
        'Whether a roll may take all hosts out of rotation at once. Without it such a roll is refused.',
      ),
  })
  .describe('How a release is rolled out over the hosts.');
