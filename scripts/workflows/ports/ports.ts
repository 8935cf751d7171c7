import type {
  ProbeRequest,
  ProbeResponse,
  Verb,
  VerbAnswer,
  VerbRequest,
} from '../../domain/order/host-protocol.ts';
import type { SecretReference } from '../../domain/order/order.ts';
import type { Signature, SignedKind } from '../../domain/signature.ts';

/** What workflows need from the world. Adapters implement these; tests bring hand-written fakes. */

/** A byte range of an object: `length` bytes from `offset`. */
export type ByteRange = { offset: number; length: number };
/** `body` is its reader's own: no store keeps or shares it. */
export type StoredObject = { body: Uint8Array; etag: string };

/**
 * The release store. A put is visible whole or not at all; an etag changes with every write of a key.
 * Keys: see domain/store-keys.ts; a key that `isStoreKey` refuses is a programming error and throws.
 */
export interface ObjectStore {
  /** The object, or the range of it; undefined where there is none. A range past the end is cut. */
  get(key: string, range?: ByteRange): Promise<StoredObject | undefined>;
  /** Creates once. `body` may be streamed, so that a pack never lies in memory; a piece is good until the next is asked for. `exists`: somebody else's object stands there. */
  putIfAbsent(key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<'created' | 'exists'>;
  /** Compare and swap: replaces the object only while its etag is `etag`; answers the new etag. */
  putIfMatch(key: string, body: Uint8Array, etag: string): Promise<{ etag: string } | 'mismatch'>;
  /** Keys under a prefix that ends in `/`, sorted. */
  list(prefix: string): AsyncIterable<{ key: string; size: number }>;
  /** For garbage collection alone. */
  delete(key: string): Promise<void>;
}

export type HostRef = { name: string };

/** A verb could not be carried to the host or its answer back: the host is down, or the agent died. */
export class HostUnreachable extends Error {
  readonly host: string;
  constructor(host: string, reason: string) {
    super(`${host} does not answer: ${reason}`);
    this.name = 'HostUnreachable';
    this.host = host;
  }
}

export interface Fleet {
  /** The hosts that make up the environment now, whether they answer or not, sorted by name. */
  inventory(): Promise<readonly HostRef[]>;
  /**
   * Runs one verb of the agent on one host.
   * @throws HostUnreachable when no answer comes; LockstepError of the agent's own kind when it answers an error.
   */
  call<V extends Verb>(
    host: string,
    verb: V,
    request: VerbRequest<V>,
    signal?: AbortSignal,
  ): Promise<VerbAnswer<V>>;
}

export type RotationState = 'in' | 'out' | 'unhealthy' | 'unknown';

/** The balancer. Taking a host out stops new requests to it, sticky ones too; requests in flight finish. */
export interface Traffic {
  states(hosts: readonly string[]): Promise<ReadonlyMap<string, RotationState>>;
  takeOut(host: string): Promise<void>;
  /** True when the last request in flight has ended, false when the time ran out first. */
  waitDrained(host: string, timeoutSeconds: number, signal?: AbortSignal): Promise<boolean>;
  putIn(host: string): Promise<void>;
  /** True when the balancer's own check sees the host healthy and sends requests to it. */
  waitHealthy(host: string, timeoutSeconds: number, signal?: AbortSignal): Promise<boolean>;
}

/** Requests from the deployer through the environment's public address, each over a fresh connection. */
export interface Probe {
  send(request: ProbeRequest): Promise<ProbeResponse>;
}

/** Which key signs: building, ordering and verifying are separate, the last two per environment. */
export type KeyRole =
  | { role: 'build' }
  | { role: 'orders'; environment: string }
  | { role: 'receipts'; environment: string };

export interface Signer {
  sign(key: KeyRole, kind: SignedKind, digest: string): Promise<Signature>;
  /** PEM (SPKI). */
  publicKey(key: KeyRole): Promise<string>;
}

/** Names and versions of an environment's secrets; values stay behind this port. */
export interface SecretStore {
  current(environment: string): Promise<readonly SecretReference[]>;
  /** The versions that a host could still resolve. */
  has(environment: string, reference: SecretReference): Promise<boolean>;
}

/** Secrets that Lockstep itself makes values for. */
export interface RotatableSecrets {
  /** Values of the newest versions, newest first. */
  newestValues(
    environment: string,
    name: string,
    count: number,
  ): Promise<readonly { version: number; value: string }[]>;
  /** Answers the new version, or the newest one where it has this value. */
  set(environment: string, name: string, value: string): Promise<number>;
}

/** The user that the app is in Redis. */
export interface RedisUser {
  /** From when it returns, Redis takes these passwords and no others: one or two. */
  accept(passwords: readonly string[]): Promise<void>;
}

export interface Clock {
  now(): Date;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
  /** Resolves after the time, or rejects with the signal's reason when it is aborted first. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What the person at the terminal sees while work goes on. */
export interface Reporter {
  step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  info(text: string): void;
  warn(text: string): void;
}
