import { z } from 'zod';

/**
 * The sections of `lockstep:base` that only the cloud program reads. Defaults are for production; an environment that
 * needs less lists what it takes away. Bounds are AWS's own, from the API references of the services named beside them.
 */

/** Retention times that CloudWatch Logs accepts (PutRetentionPolicy). */
const logDays = z.literal([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

/** Made by this program, or there already: then the identity names it. */
const source = z.enum(['create', 'existing']).default('create');

export const networkSchema = z.strictObject({
  source,
  zones: z.int().min(2).max(3).default(3),
  /** `none`: hosts reach AWS by interface endpoints alone, and nothing else. */
  nat: z.enum(['none', 'single', 'per-zone']).default('per-zone'),
  /** A network interface a zone and a service; billed by the hour. Needed with `nat: none`. */
  interfaceEndpoints: z.boolean().default(false),
  flowLogDays: logDays.default(30),
});

const cookieSeconds = z.int().min(1).max(604_800);

/** Target group stickiness (ELBv2 TargetGroupAttribute). Exactly these two exist. */
export const stickinessSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('lb_cookie'), durationSeconds: cookieSeconds.default(86_400) }),
  z.strictObject({
    type: z.literal('app_cookie'),
    /** The cookie that the app itself sets. */
    cookieName: z.string().regex(/^[A-Za-z0-9_.-]{1,256}$/, 'letters, digits and _ . -'),
    durationSeconds: cookieSeconds.default(86_400),
  }),
]);

export const balancerSchema = z.strictObject({
  stickiness: stickinessSchema.prefault({ type: 'lb_cookie' }),
  /** `given`: identity.certificate. `requested`: one is asked for and proved by records in identity.hostedZone. */
  certificate: z.enum(['given', 'requested']).default('given'),
  /** A record for identity.domain in identity.hostedZone. */
  dnsRecord: z.boolean().default(false),
  /** Puts identity.webAcl before the balancer. */
  webAcl: z.boolean().default(false),
  /** Policies with TLS 1.3 (ELB "Security policies for your Application Load Balancer"). */
  tlsPolicy: z
    .enum([
      'ELBSecurityPolicy-TLS13-1-3-2021-06',
      'ELBSecurityPolicy-TLS13-1-2-2021-06',
      'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    ])
    .default('ELBSecurityPolicy-TLS13-1-2-2021-06'),
  healthIntervalSeconds: z.int().min(5).max(300).default(10),
  healthTimeoutSeconds: z.int().min(2).max(120).default(5),
  healthyThreshold: z.int().min(2).max(10).default(2),
  unhealthyThreshold: z.int().min(2).max(10).default(3),
  /** How long a new target gets a growing share; 0 is off. */
  slowStartSeconds: z.literal(0).or(z.int().min(30).max(900)).default(0),
  /** Null: solved from the app's longest request (see `times.ts`). */
  idleTimeoutSeconds: z.int().min(1).max(4000).nullable().default(null),
  /** Null: solved from the app's longest request. */
  deregistrationDelaySeconds: z.int().min(0).max(3600).nullable().default(null),
  accessLogDays: z.int().min(1).max(3650).default(90),
  deletionProtection: z.boolean().default(true),
});

const instanceType = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an EC2 instance type such as m7i.large');

export const fleetSchema = z.strictObject({
  /** Hosts that are always there; rolls go over what the group really holds. */
  hosts: z.int().min(1).max(100).default(2),
  /** How far target tracking may scale out. Null: twice `hosts`. */
  maxHosts: z.int().min(1).max(200).nullable().default(null),
  instanceType: instanceType.default('m7i.large'),
  volumeSizeGiB: z.int().min(20).max(16_384).default(30),
  requestsPerTargetPerMinute: z.int().min(1).max(1_000_000).default(3_000),
  cpuPercent: z.int().min(10).max(90).default(60),
  /** TCP ports on which hosts reach the internet, besides what they need inside the network. 443 is also how they reach AWS. */
  outboundPorts: z
    .array(z.int().min(1).max(65_535))
    .refine((ports) => ports.includes(443), '443 among them: hosts reach AWS by it')
    .default([443]),
  /** From launch to a running agent: image, packages, mounts. */
  bootSeconds: z.int().min(30).max(3_600).default(240),
  /** Fetching and verifying a release on an empty host. */
  stageSeconds: z.int().min(10).max(3_600).default(120),
});

export const redisSchema = z.strictObject({
  source: z.enum(['create', 'existing', 'none']).default('create'),
  nodes: z.int().min(1).max(6).default(2),
  engine: z.enum(['valkey-8.0', 'redis-7.1']).default('valkey-8.0'),
  nodeType: z
    .string()
    .regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, 'an ElastiCache node type such as cache.t4g.small')
    .default('cache.t4g.small'),
  /** `noeviction`: a full store makes writes fail visibly; every other policy loses sessions silently. */
  evictionPolicy: z
    .enum([
      'noeviction',
      'volatile-lru',
      'volatile-lfu',
      'volatile-ttl',
      'volatile-random',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
    ])
    .default('noeviction'),
  /** Days that daily snapshots are kept; 0 is off. */
  snapshotDays: z.int().min(0).max(35).default(7),
  /** UTC, at least an hour (CreateReplicationGroup). */
  maintenanceWindow: z
    .string()
    .regex(
      /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/,
      'ddd:hh:mm-ddd:hh:mm, such as sun:03:00-sun:04:00',
    )
    .default('sun:03:00-sun:04:00'),
  snapshotWindow: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'hh:mm-hh:mm, such as 01:00-02:00')
    .default('01:00-02:00'),
  /** For apps that speak no TLS: a tunnel on each host answers on 127.0.0.1:6379. */
  tunnel: z.boolean().default(false),
});

export const filesSchema = z.strictObject({
  source: z.enum(['create', 'existing', 'none']).default('create'),
  /** Owner of the shared directory: the user that services run as. */
  uid: z.int().min(1).max(65_533).default(10_001),
  gid: z.int().min(1).max(65_533).default(10_001),
  /** After how many days without a read a file moves to the cheaper class; null: never. */
  infrequentAccessDays: z.literal([1, 7, 14, 30, 60, 90, 180, 270, 365]).nullable().default(30),
  backup: z.boolean().default(true),
});

/** Hugging Face's name of a model: owner/name. */
const modelName = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+$/, "a model's name such as meta-llama/Llama-3.1-8B-Instruct");

export const llmSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({
    mode: z.literal('external'),
    baseUrl: z.url({ protocol: /^https$/, error: 'a URL that starts with https://' }),
    model: z.string().min(1),
    /** How long the app waits for an answer. */
    timeoutSeconds: z.int().min(1).max(3_600).default(20),
  }),
  z.strictObject({
    mode: z.literal('host'),
    /** A key of `models` in pins.json, where its revision is pinned. */
    model: modelName,
    instanceType: instanceType.default('g6.xlarge'),
    /** vLLM `--dtype`. */
    dtype: z.enum(['bfloat16', 'float16']).default('bfloat16'),
    /** vLLM `--quantization`; the model must have been published that way. */
    quantization: z.enum(['none', 'awq', 'gptq', 'fp8']).default('none'),
    maxModelLength: z.int().min(512).max(1_048_576).default(16_384),
    gpuMemoryUtilization: z.number().min(0.1).max(0.98).default(0.9),
    tensorParallel: z.literal([1, 2, 4, 8]).default(1),
    /** Tools need a parser of the model's family; `vllm-flags.ts` knows which. */
    toolCalls: z.boolean().default(true),
    timeoutSeconds: z.int().min(1).max(3_600).default(20),
    /** From launch to the first answer: image, weights, warm-up. */
    startSeconds: z.int().min(60).max(7_200).default(1_200),
    volumeSizeGiB: z.int().min(75).max(16_384).default(150),
  }),
]);
export type Llm = z.output<typeof llmSchema>;
/** The settings of a model that runs on a host of ours. */
export type HostLlm = Extract<Llm, { mode: 'host' }>;

export const observabilitySchema = z.strictObject({
  /** Alarms also go to identity.alarmAddress; its owner has to confirm once. */
  email: z.boolean().default(true),
  logDays: logDays.default(90),
  /** Answers of 5xx in five minutes that raise the alarm. */
  serverErrors: z.int().min(1).max(1_000_000).default(10),
  /** 95th percentile of answers. */
  latencySeconds: z.number().min(0.05).max(4_000).default(5),
  memoryPercent: z.int().min(10).max(99).default(85),
  diskPercent: z.int().min(10).max(99).default(85),
  certificateDays: z.int().min(1).max(60).default(21),
});

export const budgetSchema = z.strictObject({
  /** US dollars a month that raise the alarm at 80 % foreseen and 100 % spent; null: no budget. */
  monthlyUsd: z.int().min(1).max(10_000_000).nullable().default(null),
});

/** Bounds of the job that deploys: a roll that can't end inside them is refused before it starts. */
export const pipelineSchema = z.strictObject({
  /** IAM's maximum is 43,200. */
  roleSessionSeconds: z.int().min(900).max(43_200).default(3_600),
  /** GitHub's maximum for hosted runners is 360. */
  jobTimeoutMinutes: z.int().min(5).max(360).default(60),
});

/** The account of `infra/foundation`: release store, state and signing keys. Null: nothing is in the cloud yet. */
export const hubSchema = z.strictObject({
  account: z.string().regex(/^\d{12}$/, '12 digits, in quotes'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1'),
});
