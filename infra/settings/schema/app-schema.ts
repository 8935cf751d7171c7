import { z } from 'zod';

/**
 * Environments and services: part of file names, host names and AWS names. A hyphen stands between others:
 * balancers and ElastiCache refuse names that end with one, or hold two in a row (CreateLoadBalancer,
 * CreateReplicationGroup).
 */
export const nameSchema = z
  .string()
  .regex(
    /^(?=.{1,31}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'lower-case letters and digits, and single - between them, starting with a letter, at most 31',
  );

const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'upper-case letters, digits and _');

/** Values of env: one line each, because hosts keep them in env files. */
export const envSchema = z.record(variableName, z.string().regex(/^[^\0\r\n]*$/, 'one line of text'));

const serviceSchema = z
  .strictObject({
    port: z.int().min(1024).max(65535).nullable().default(null).meta({
      description: 'TCP port that the service listens on.',
      unset: 'nobody connects to it, such as a queue worker',
    }),
    healthPath: z.string().startsWith('/').nullable().default(null).meta({
      description: 'Path that the balancer asks; 200 means healthy. Needed with a port.',
      unset: 'no health check',
    }),
    longestRequestSeconds: z
      .int()
      .min(1)
      .max(4000)
      .default(60)
      .describe(
        'Seconds that the longest request may take. The idle time-out and the drain follow from it: too short cuts requests, too long makes rolls slow.',
      ),
    replicas: z
      .enum(['many', 'exactly-one'])
      .default('many')
      .describe(
        '`many` shares the hosts of the fleet. `exactly-one` gets a host of its own, which stops before its successor starts: an outage at every roll, and never two at once.',
      ),
    stopTimeoutSeconds: z
      .int()
      .min(1)
      .max(3600)
      .default(10)
      .describe(
        'Seconds from the stop signal until the service is killed. Shorter than its longest request: a stop cuts requests.',
      ),
    graceSeconds: z
      .int()
      .min(1)
      .max(3600)
      .default(60)
      .describe(
        'Seconds from the start of the process to its first healthy answer. Too short: a good release fails. Too long: a bad one is noticed late.',
      ),
  })
  .describe('The same facts as in the manifest: `lockstep build` refuses a release that says otherwise.');

export const appSchema = z
  .strictObject({
    name: nameSchema.describe(
      'Name of the app, as in the manifest. Part of every name in AWS: a change replaces everything.',
    ),
    public: nameSchema.nullable().default(null).meta({
      description: 'The service behind the balancer.',
      unset: 'the only service with a port',
    }),
    services: z
      .record(nameSchema, serviceSchema)
      .describe('The services of the app, by the names of the manifest.'),
    env: envSchema
      .default({})
      .describe(
        'Values that are the same in every environment, always text. The manifest declares their names.',
      ),
    secrets: z
      .array(variableName)
      .default([])
      .describe(
        'Names of the secrets that the manifest declares: the cloud keeps a place for each. Values are set by `lockstep secret set` and never written here.',
      ),
  })
  .describe('The facts about the app that infrastructure needs.');
