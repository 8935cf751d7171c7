import { z } from 'zod';
import { nameSchema } from '../settings/schema/app-schema.ts';

/**
 * What a host is told when it is launched. Everything here can be read by whoever may describe the launch
 * template, so nothing is secret: hosts hold public keys and references alone.
 */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256, 64 lower-case hex digits');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1');
const hostName = z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a lower-case host name');
const port = z.int().min(1).max(65_535);
/** GetPublicKey takes the ARN of an alias across accounts, but not its bare name. */
const keyArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(alias|key)\/[\w/-]+$/, 'the ARN of a KMS key or alias');
/**
 * In a plan, what only AWS will know is a token: `«files-access-point.id»`. No value of AWS's own holds such
 * a sign.
 */
const planned = z.string().regex(/^«[^«»]+»$/);
const directory = z.string().regex(/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/, 'an absolute path without spaces');

const oneLine = z.string().regex(/^\P{Cc}*$/u, 'one line of text');
/** A URL with a password in it is composed on the host (design: "Bindings"), never here. */
const binding = oneLine.refine((value) => !/\/\/[^/]*@/.test(value), 'no URL that holds a user or password');

export const userDataSchema = z
  .strictObject({
    app: nameSchema,
    environment: nameSchema,
    upstream: nameSchema.nullable(),
    region,
    /** The release store, in the hub's account. */
    store: z.strictObject({
      bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an S3 bucket'),
      region,
    }),
    /** The bundle stands in the store as agents/<sha256>.mjs. */
    agentSha256: sha256,
    /** nodejs.org's own archive for Linux, in the store as runtimes/<sha256>.tar.gz. */
    node: z.strictObject({
      version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version such as 24.9.0'),
      sha256,
    }),
    files: z
      .strictObject({
        fileSystem: planned.or(z.string().regex(/^fs-[0-9a-f]{8,17}$/, 'the id of an EFS file system')),
        accessPoint: planned.or(z.string().regex(/^fsap-[0-9a-f]{8,17}$/, 'the id of an EFS access point')),
      })
      .nullable(),
    /** Where all hosts share files; without `files` a directory of the host alone. */
    sharedDirectory: directory.default('/srv/lockstep/shared'),
    /** Who services run as: the owner of the shared directory, which an access point enforces. */
    user: z.strictObject({ uid: z.int().min(1).max(65_533), gid: z.int().min(1).max(65_533) }),
    /**
     * Redis behind TLS, answered for on 127.0.0.1:6379. Null: the app speaks TLS by itself, or has no Redis.
     */
    redisTunnel: z.strictObject({ host: planned.or(hostName), port }).nullable(),
    /** The lifecycle hook of the launch. Its group is found by the host itself. */
    hook: z.string().regex(/^[A-Za-z0-9_/-]{1,255}$/, 'the name of a lifecycle hook'),
    logGroup: z.string().regex(/^[A-Za-z0-9_/.#-]{1,512}$/, 'the name of a log group'),
    /** Service -> port, null where it has none. */
    services: z.record(nameSchema, port.nullable()),
    /** What infrastructure gives the app. `@HOST@` and `@ADDRESS@` become the host's own. */
    bindings: z.record(
      z
        .string()
        .regex(/^[A-Z][A-Z0-9_]*$/, 'upper-case letters, digits and _')
        .refine((name) => !/PASSWORD|SECRET|TOKEN/.test(name), 'a secret is never a binding'),
      binding,
    ),
    /** Where secrets stand: a path of Parameter Store and Secrets Manager. */
    secretsPath: z.string().regex(/^(\/[a-z0-9-]+)+$/, 'a path such as /lockstep/app/environment'),
    keepReleases: z.int().min(2),
    /** `upstreamReceipts`: null where there is no upstream. */
    keys: z.strictObject({ build: keyArn, orders: keyArn, upstreamReceipts: keyArn.nullable() }),
    /** The whole start, from the unit's first step to healthy services; shorter than the hook's heartbeat. */
    bootTimeoutSeconds: z.int().min(30).max(7_200),
    /**
     * Bounds of what is tried again: names, packages, objects. `mountTries`: EFS names take minutes to
     * appear.
     */
    tries: z.int().min(1).max(100).default(5),
    mountTries: z.int().min(1).max(100).default(30),
    pauseSeconds: z.number().min(0).max(60).default(6),
  })
  .refine(({ upstream, keys }) => (upstream === null) === (keys.upstreamReceipts === null), {
    path: ['keys', 'upstreamReceipts'],
    message: 'given exactly where there is an upstream',
  });

export type UserDataOptions = z.input<typeof userDataSchema>;
export type UserData = z.output<typeof userDataSchema>;
