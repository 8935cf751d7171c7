import { z } from 'zod';
import { digestOf } from '../canonical.ts';
import { sha256Schema } from '../release/release.ts';
import { secretReferenceSchema } from '../secrets/secret-reference.ts';

/** Why an environment may take a release: rule 2. */
const basisSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('first-in-chain') }),
  z.strictObject({ kind: z.literal('receipt'), environment: z.string(), order: z.int().positive() }),
  z.strictObject({ kind: z.literal('rollback'), order: z.int().positive() }),
  z.strictObject({ kind: z.literal('return'), order: z.int().positive() }),
  z.strictObject({ kind: z.literal('override'), reason: z.string().min(1) }),
]);
export type Basis = z.infer<typeof basisSchema>;

/**
 * The one way an environment changes. Its number is the fencing token. Signed by the environment's order key.
 */
export const orderSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  number: z.int().positive(),
  /** Digest of the payload of order number-1; null for order 1. */
  previous: sha256Schema.nullable(),
  release: sha256Schema,
  /** The label under which the release was asked for; null when it was chosen by digest only. */
  tag: z.string().nullable(),
  /** Digest of the config record (`configs/<digest>.json`). */
  config: sha256Schema,
  /** Digest of the values that must be equal in an environment and its upstream. */
  sharedConfig: sha256Schema,
  secrets: z.array(secretReferenceSchema),
  basis: basisSchema,
  by: z.string(),
  at: z.iso.datetime(),
});
export type Order = z.infer<typeof orderSchema>;

/** One suite's result as kept in outcomes and receipts. */
const suiteResultSchema = z.strictObject({
  suite: z.string(),
  travels: z.enum(['each-host', 'crossing', 'through-balancer']),
  passed: z.boolean(),
  requests: z.int().nonnegative(),
  failure: z.string().nullable(),
});
export type SuiteResult = z.infer<typeof suiteResultSchema>;

/** `outcome.json`, written once, signed by the order key: the commit point of an order. */
export const outcomeSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  order: z.int().positive(),
  /** Digest of the order's payload. */
  orderDigest: sha256Schema,
  result: z.enum(['committed', 'failed', 'abandoned']),
  reason: z.string().nullable(),
  suites: z.array(suiteResultSchema),
  at: z.iso.datetime(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** The last order that was carried out and verified, of orders sorted oldest first. */
export function lastCommittedOf<Entry extends { outcome: Outcome | undefined }>(
  entries: readonly Entry[],
): Entry | undefined {
  return entries.findLast(({ outcome }) => outcome?.result === 'committed');
}

/**
 * "Verified here by order n": what lets a downstream environment take the release. Signed by the receipt key.
 */
export const receiptSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  order: z.int().positive(),
  release: sha256Schema,
  sharedConfig: sha256Schema,
  suites: z.array(suiteResultSchema),
  at: z.iso.datetime(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** Revokes a receipt: the release failed its suites after it had been verified. Signed by the receipt key. */
export const revocationSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  order: z.int().positive(),
  release: sha256Schema,
  reason: z.string(),
  at: z.iso.datetime(),
});
export type Revocation = z.infer<typeof revocationSchema>;

/** `lease.json`: who may write orders now. */
export const leaseSchema = z.strictObject({
  owner: z.string(),
  run: z.string(),
  durationSeconds: z.int().positive(),
  released: z.boolean(),
});
export type Lease = z.infer<typeof leaseSchema>;

/** `committed.json`: a hint, only ever moved forward. */
export const committedHintSchema = z.strictObject({ order: z.int().positive() });

/** `orders/<n>/journal/<step>.json`: what the deployer intended, and the result. */
export const journalEntrySchema = z.strictObject({
  step: z.string(),
  run: z.string(),
  intent: z.string(),
  hosts: z.array(z.string()),
  result: z.string().nullable(),
  at: z.iso.datetime(),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** The outcome record of an order. `suites`: what ran before it was decided. */
export function outcomeOf(
  order: Order,
  result: Outcome['result'],
  { reason = null, suites = [], now }: { reason?: string | null; suites?: readonly SuiteResult[]; now: Date },
): Outcome {
  const { app, environment, number } = order;
  return {
    app,
    environment,
    order: number,
    orderDigest: digestOf(order),
    result,
    reason,
    suites: [...suites],
    at: now.toISOString(),
  };
}

/** The receipt that a committed order earns when its suites passed. */
export function receiptOf(order: Order, suites: readonly SuiteResult[], now: Date): Receipt {
  const { app, environment, number, release, sharedConfig } = order;
  return {
    app,
    environment,
    order: number,
    release,
    sharedConfig,
    suites: [...suites],
    at: now.toISOString(),
  };
}
