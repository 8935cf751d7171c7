import type { ObjectStore } from '../../store/object-store.ts';
import type { Signer } from '../../store/signer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Fleet } from '../ports/hosts.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { SecretStore } from '../ports/secrets.ts';
import type { Probe, Traffic } from '../ports/traffic.ts';

/** How an environment is rolled; from the settings. */
export type RolloutSettings = {
  /** Hosts switched at a time; the first batch is the canary. */
  batchSize: number;
  drainTimeoutSeconds: number;
  /** How long the balancer may take to find a switched host healthy. */
  healthyTimeoutSeconds: number;
  leaseSeconds: number;
  allowDowntime: boolean;
};

export type EnvironmentPorts = {
  store: ObjectStore;
  fleet: Fleet;
  traffic: Traffic;
  probe: Probe;
  signer: Signer;
  secrets: SecretStore;
  clock: Clock;
  reporter: Reporter;
};

/** One environment of one app, as every workflow gets it. */
export type Environment = {
  app: string;
  name: string;
  /** Null for the first of a chain. */
  upstream: string | null;
  /** Minutes that a release must have been verified upstream before it may be deployed here. */
  soakMinutes: number;
  /** Env values for this target: shared and per-environment ones. */
  values: Readonly<Record<string, string>>;
  /**
   * Those of `values` that the environment's own file sets: the manifest must declare them `perEnvironment`.
   */
  ownValues?: Readonly<Record<string, string>>;
  rollout: RolloutSettings;
  /** Names of the balancer's own cookies, which a user's session that crosses hosts must not carry. */
  balancerCookies: readonly string[];
  ports: EnvironmentPorts;
};

/** Who acts: shown in orders and leases. */
export type Actor = { owner: string; run: string };
