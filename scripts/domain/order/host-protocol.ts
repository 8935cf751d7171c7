import { z } from 'zod';
import { sha256Schema } from '../release/release.ts';
import { probeErrorSchema, probeRequestSchema, probeResponseSchema } from '../smoke/probe.ts';
import { attestationSchema } from './attestation.ts';

/**
 * What a deployer may ask of a host's agent, and what the agent answers. `node agent.mjs <verb> --root DIR`
 * (with {@link agentNodeOptions}), the request as JSON on standard input, one answer as JSON on standard
 * output: text in, at most 24,000 characters out (what AWS Run Command keeps), longer answers through the
 * store.
 */

export const verbs = {
  /**
   * Raises the fence, verifies order and release, fetches what the disk lacks. `planRelease` only counts
   * bytes and changes nothing.
   */
  stage: {
    request: z.union([
      z.strictObject({ order: z.int().positive() }),
      z.strictObject({ planRelease: sha256Schema }),
    ]),
    answer: z.strictObject({
      filesReused: z.int(),
      filesFetched: z.int(),
      /** Compressed bytes fetched (or to be fetched) from the store. */
      bytesFetched: z.int(),
    }),
  },
  /**
   * Stops the old services, swaps `current`, starts the new ones, waits until they are healthy on this host.
   */
  activate: {
    request: z.strictObject({ order: z.int().positive() }),
    answer: z.strictObject({
      /** False: content was already equal and running, only the number was recorded. */
      changed: z.boolean(),
      healthy: z.boolean(),
      failure: z
        .strictObject({ service: z.string(), reason: z.string(), log: z.array(z.string()) })
        .nullable(),
    }),
  },
  /** Stops the services and removes `current`: going back where nothing was committed before. */
  deactivate: {
    request: z.strictObject({ order: z.int().positive() }),
    answer: z.strictObject({ stopped: z.array(z.string()) }),
  },
  /** What a machine does when it starts: the last committed order, staged, verified, started. */
  boot: {
    request: z.strictObject({}),
    answer: z.strictObject({ order: z.int().positive().nullable(), healthy: z.boolean() }),
  },
  /** All requests at once, each over a connection of its own; one response for each, in the same order. */
  probe: {
    request: z.strictObject({ service: z.string(), requests: z.array(probeRequestSchema).min(1) }),
    answer: z.strictObject({ responses: z.array(probeResponseSchema.or(probeErrorSchema)) }),
  },
  attest: {
    request: z.strictObject({ nonce: z.string().min(16) }),
    answer: attestationSchema,
  },
  logs: {
    request: z.strictObject({ service: z.string().nullable(), lines: z.int().positive().max(500) }),
    answer: z.strictObject({ lines: z.array(z.string()) }),
  },
} as const;
export type Verb = keyof typeof verbs;
export type VerbRequest<V extends Verb> = z.infer<(typeof verbs)[V]['request']>;
export type VerbAnswer<V extends Verb> = z.infer<(typeof verbs)[V]['answer']>;

/**
 * Options of Node for every run of the agent: hosts are small, and a verb stays below 96 MB with 20,000 files
 * (`npm run bench`) only where Node collects garbage early, and leaves its optimising compilers alone: they
 * take 14 MB, most of it pages of Node's own program, and a verb waits for disk and network. Set from inside
 * they come too late: the heap is laid out by then.
 */
export const agentNodeOptions = [
  '--max-semi-space-size=1',
  '--max-old-space-size=64',
  '--no-maglev',
  '--no-opt',
] as const;

/**
 * The one line on standard output. `stored`: the answer lies in the store under
 * `answers/<app>/<environment>/<id>.json`.
 */
export const agentOutputSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('answer'), answer: z.unknown() }),
  z.strictObject({ outcome: z.literal('stored'), id: z.string(), sha256: sha256Schema }),
  z.strictObject({
    outcome: z.literal('error'),
    kind: z.enum(['failed', 'usage', 'refused', 'errored', 'interrupted']),
    message: z.string(),
    fix: z.string().nullable(),
    retry: z.boolean(),
    details: z.array(z.string()),
  }),
]);
export type AgentOutput = z.infer<typeof agentOutputSchema>;
export const maximumOutputCharacters = 24_000;

/**
 * `<root>/host.json`: what a host knows from its provisioning and never from an order. On EC2 user data
 * writes it.
 * `store`, `secrets`: where the agent's adapters find them. Keys are PEM (SPKI).
 */
export const hostProvisioningSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  upstream: z.string().nullable(),
  host: z.string(),
  /** Where services bind (`${HOST}`). */
  address: z.string(),
  store: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('directory'), path: z.string() }),
    z.strictObject({ kind: z.literal('s3'), bucket: z.string(), region: z.string() }),
  ]),
  secrets: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('file'), path: z.string() }),
    z.strictObject({ kind: z.literal('aws'), path: z.string(), region: z.string() }),
  ]),
  supervisor: z.enum(['local', 'systemd']),
  /** The directory that every host of the environment shares. */
  sharedDirectory: z.string(),
  /** Service -> port on this host. */
  ports: z.record(z.string(), z.int()),
  bindings: z.record(z.string(), z.string()),
  keepReleases: z.int().min(2),
  keys: z.strictObject({
    build: z.string(),
    orders: z.string(),
    /** Null where there is no upstream. */
    upstreamReceipts: z.string().nullable(),
  }),
});
export type HostProvisioning = z.infer<typeof hostProvisioningSchema>;
