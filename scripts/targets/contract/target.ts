import type { Settings } from '../../../infra/settings/config.ts';
import type { AppManifest } from '../../domain/app/app-manifest.ts';
import type { Actor, Environment } from '../../workflows/environment/environment.ts';
import type { BuildPorts } from '../../workflows/ports/build.ts';
import type { RedisUser, RotatableSecrets, SecretStore } from '../../workflows/ports/secrets.ts';

/** How an environment is opened. */
export type OpenOptions = {
  /** Overrides `rollout.allowDowntime` of the settings for this one run. */
  allowDowntime?: boolean;
  /** Rollback and status: a listed difference past its date only warns. */
  lenient?: boolean;
  /** For verbs that only look: what is down stays down, and is reported. */
  lookOnly?: boolean;
};

/** An environment with the ports that workflows need, and what its settings say about it. */
export type OpenEnvironment = {
  environment: Environment;
  settings: Settings;
  /** How many hosts it should have; `hostsAreLocal`: the target's own settings say so, not the cloud's. */
  wantedHosts: number;
  hostsAreLocal: boolean;
  /** Null where the app has no public service, or the environment was never up. */
  publicUrl: string | null;
};

export type BuildPlace = {
  ports: BuildPorts;
  /** Where a manifest and the settings of any environment disagree, one line each. */
  factsProblems: (manifest: AppManifest) => readonly string[];
};

/** Access to the password that the app's Redis and its hosts share. */
export type RedisLogin = { secrets: RotatableSecrets; user: RedisUser & { name: string } };

/**
 * Where environments live. The one door of every verb to the world: it chooses adapters by the settings. What
 * a target does not support is refused, as a LockstepError of kind usage.
 */
export interface Target {
  readonly kind: 'local' | 'aws';
  /** Who acts, as orders, leases and releases show it. */
  readonly actor: Actor;
  /** Every environment of the project, upstream before downstream. */
  environments(): Promise<readonly string[]>;
  open(environment: string, options?: OpenOptions): Promise<OpenEnvironment>;
  /** @param app the root of the app's repository. */
  builder(app: string): Promise<BuildPlace>;
  secrets(environment: string): Promise<SecretStore & Pick<RotatableSecrets, 'set'>>;
  redisLogin(environment: string): Promise<RedisLogin>;
}
