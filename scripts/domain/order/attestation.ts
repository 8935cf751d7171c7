import { z } from 'zod';
import { sha256Schema } from '../release/release.ts';

export const processStatusSchema = z.strictObject({
  service: z.string(),
  /** Null while the supervisor waits before the next start. */
  pid: z.int().nullable(),
  startedAt: z.iso.datetime().nullable(),
  restarts: z.int().nonnegative(),
  lastExit: z.string().nullable(),
});
export type ProcessStatus = z.infer<typeof processStatusSchema>;

/**
 * What differs between the files on disk and the signed manifest. Each list is cut at 100 paths; counts are
 * whole.
 */
const damageSchema = z.strictObject({
  changed: z.array(z.string()),
  missing: z.array(z.string()),
  extra: z.array(z.string()),
  count: z.int().nonnegative(),
});
export type Damage = z.infer<typeof damageSchema>;

/**
 * What a host says it runs, answering the asker's nonce. Read from disk and processes at the time of asking.
 */
export const attestationSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  host: z.string(),
  nonce: z.string(),
  at: z.iso.datetime(),
  /** Highest order that the host has seen. */
  fence: z.int().nonnegative(),
  /** The order whose activation `current` links to; null on an idle host. */
  order: z.int().positive().nullable(),
  release: sha256Schema.nullable(),
  damage: damageSchema,
  /** Digest and values recomputed from the activation's own env file. */
  config: sha256Schema.nullable(),
  configValues: z.record(z.string(), z.string()),
  /**
   * `hash` = HMAC-SHA-256(nonce, value), from the activation's secret file; left out of stored attestations.
   */
  secrets: z.array(z.strictObject({ name: z.string(), version: z.int(), hash: z.string().nullable() })),
  /** Bindings that the app asked for: name -> value, passwords in URLs removed. */
  bindings: z.record(z.string(), z.string()),
  runtimes: z.record(z.string(), z.string()),
  /** Digest of the sorted list of installed OS packages; null where there is no package database. */
  osPackages: sha256Schema.nullable(),
  activatedAt: z.iso.datetime().nullable(),
  processes: z.array(processStatusSchema),
  /** Identity of the shared directory: a random id kept in it, the same on every host of an environment. */
  sharedDirectory: z.string().nullable(),
  agent: sha256Schema,
});
export type Attestation = z.infer<typeof attestationSchema>;

/** Whether an attestation is the host's own answer to this very question: not an older one, nor another's. */
export function isFresh(attestation: Attestation, asked: { host: string; nonce: string }): boolean {
  return attestation.nonce === asked.nonce && attestation.host === asked.host;
}
