import { z } from 'zod';
import {
  balancerSchema,
  budgetSchema,
  filesSchema,
  fleetSchema,
  hubSchema,
  llmSchema,
  networkSchema,
  observabilitySchema,
  pipelineSchema,
  redisSchema,
} from './infrastructure-schema.ts';

/**
 * Environments and services: part of file names, host names and AWS names. A hyphen stands between others: balancers and
 * ElastiCache refuse names that end with one, or hold two in a row (CreateLoadBalancer, CreateReplicationGroup).
 */
export const nameSchema = z
  .string()
  .regex(
    /^(?=.{1,31}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'lower-case letters and digits, and single - between them, starting with a letter, at most 31',
  );

/** Values of env: one line each, because hosts keep them in env files. */
const envSchema = z.record(
  z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'upper-case letters, digits and _'),
  z.string().regex(/^[^\0\r\n]*$/, 'one line of text'),
);

const serviceSchema = z.strictObject({
  /** Absent for a service that nobody connects to, such as a queue worker. */
  port: z.int().min(1024).max(65535).nullable().default(null),
  healthPath: z.string().startsWith('/').nullable().default(null),
  /** The balancer's idle time-out and the drain are made to fit it. */
  longestRequestSeconds: z.int().min(1).max(4000).default(60),
  /** As in the manifest, where no value is given here: `lockstep build` compares them. `exactly-one`: a group of one host, which stops before its successor starts. */
  replicas: z.enum(['many', 'exactly-one']).default('many'),
  /** From SIGTERM (or the manifest's signal) to SIGKILL. */
  stopTimeoutSeconds: z.int().min(1).max(3600).default(10),
  /** From the start of the process to its first healthy answer. */
  graceSeconds: z.int().min(1).max(3600).default(60),
});

const rolloutSchema = z.strictObject({
  /** Hosts that are out of rotation at a time, after the first, which goes alone. */
  batchSize: z.int().min(1).max(100).default(1),
  drainTimeoutSeconds: z.int().min(0).max(3600).default(30),
  healthyTimeoutSeconds: z.int().min(1).max(3600).default(60),
  /** How long a deployer that died keeps others out. */
  leaseSeconds: z.int().min(1).max(3600).default(60),
  /** Releases kept on each host, the running one and the one before among them. */
  keepReleases: z.int().min(2).max(100).default(5),
  /** Lets a roll go on that would leave no host in rotation. */
  allowDowntime: z.boolean().default(false),
});

/** `config: lockstep:base: value:` of Pulumi.yaml: what all environments share. */
export const baseSchema = z.strictObject({
  app: z.strictObject({
    name: nameSchema,
    /** The service behind the balancer. Default: the only one with a port. */
    public: nameSchema.nullable().default(null),
    services: z.record(nameSchema, serviceSchema),
    env: envSchema.default({}),
    /** Names of the manifest's secrets: the cloud keeps a place for each. Values are never written here. */
    secrets: z.array(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'upper-case letters, digits and _')).default([]),
  }),
  network: networkSchema.prefault({}),
  balancer: balancerSchema.prefault({}),
  fleet: fleetSchema.prefault({}),
  redis: redisSchema.prefault({}),
  files: filesSchema.prefault({}),
  llm: llmSchema.prefault({ mode: 'none' }),
  observability: observabilitySchema.prefault({}),
  budget: budgetSchema.prefault({}),
  pipeline: pipelineSchema.prefault({}),
  rollout: rolloutSchema.prefault({}),
  hub: hubSchema.nullable().default(null),
});
export type Base = z.output<typeof baseSchema>;

const subnetIds = z
  .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet'))
  .min(2)
  .max(3);
const securityGroupId = z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group');

/** What must differ between environments, so that no reason is asked for. */
export const identitySchema = z.strictObject({
  account: z.string().regex(/^\d{12}$/, '12 digits, in quotes'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1'),
  cidr: z.cidrv4('an IPv4 range such as 10.20.0.0/16'),
  domain: z
    .string()
    .regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'a lower-case host name'),
  certificate: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, 'the ARN of an ACM certificate')
    .nullable()
    .default(null),
  alarmAddress: z.email('an e-mail address').nullable().default(null),
  /** For balancer.dnsRecord and balancer.certificate: requested. */
  hostedZone: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, 'the id of a Route 53 hosted zone, such as Z0123456789ABC')
    .nullable()
    .default(null),
  /** For balancer.webAcl. */
  webAcl: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]+\/[\w-]+$/,
      'the ARN of a regional web ACL',
    )
    .nullable()
    .default(null),
  /** For network.source: existing. One subnet a zone in each list, zones in the same sequence. */
  network: z
    .strictObject({
      vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC'),
      publicSubnetIds: subnetIds,
      privateSubnetIds: subnetIds,
      isolatedSubnetIds: subnetIds,
    })
    .nullable()
    .default(null),
  /** For files.source: existing. */
  fileSystem: z
    .strictObject({
      id: z.string().regex(/^fs-[0-9a-f]{8,17}$/, 'the id of an EFS file system'),
      securityGroupId,
    })
    .nullable()
    .default(null),
  /** For redis.source: existing. */
  redis: z
    .strictObject({
      id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'the id of a replication group'),
      host: z.string().regex(/^[a-z0-9.-]+$/, 'the primary endpoint'),
      port: z.int().min(1).max(65_535).default(6379),
      tls: z.boolean().default(true),
      securityGroupId,
    })
    .nullable()
    .default(null),
});
export type Identity = z.output<typeof identitySchema>;

export const differenceSchema = z.strictObject({
  path: z.string(),
  value: z.json(),
  reason: z.string().regex(/\S/, 'why the environment differs, for whoever reads it in a year'),
  /** The last day (UTC) on which the difference may stand. */
  until: z.iso.date('a date such as 2027-03-31').nullable().default(null),
});

/** The `lockstep:` keys of Pulumi.<environment>.yaml: what makes the environment itself, and nothing else. */
export const environmentSchema = z.strictObject({
  identity: identitySchema,
  /** Absent in the first environment of a chain. */
  upstream: nameSchema.nullable().default(null),
  /** How long a release must have run in the upstream before it may come here. */
  soakMinutes: z.int().min(0).max(43_200).default(0),
  env: envSchema.default({}),
  differences: z.array(differenceSchema).default([]),
  /** What the local twin uses instead: it must never talk to what the real environment talks to. */
  local: z
    .strictObject({
      hosts: z.int().min(1).max(20).nullable().default(null),
      env: envSchema.default({}),
      llm: z
        .strictObject({
          baseUrl: z.url({ protocol: /^https?$/, error: 'a URL that starts with http:// or https://' }),
          model: z.string().min(1),
        })
        .nullable()
        .default(null),
    })
    .prefault({}),
});
export type Environment = z.output<typeof environmentSchema>;
