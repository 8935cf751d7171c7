import type { SecretReference } from '../../domain/secrets/secret-reference.ts';

/** Names and versions of an environment's secrets; values stay behind this port. */
export interface SecretStore {
  current(environment: string): Promise<readonly SecretReference[]>;
  /** The versions that a host could still resolve. */
  has(environment: string, reference: SecretReference): Promise<boolean>;
}

/** Secrets whose values Lockstep itself generates. */
export interface RotatableSecrets {
  /** Values of the newest versions, newest first. */
  newestValues(
    environment: string,
    name: string,
    count: number,
  ): Promise<readonly { version: number; value: string }[]>;
  /** Returns the new version, or the newest one where that has this value already. */
  set(environment: string, name: string, value: string): Promise<number>;
}

/** The app's user in Redis. */
export interface RedisUser {
  /** Once it returns, Redis accepts these passwords and no others: one or two. */
  accept(passwords: readonly string[]): Promise<void>;
}
