import type { Hub } from './naming.ts';
import type { Pins, RegionPins } from './pins.ts';
import type { Base, Identity } from './settings-schema.ts';

/** What every environment shares: the settings, differences applied, without anything that names the environment. */
export type SharedSettings = Base;

/**
 * Who the environment is. Components pass these values on and never look at them: a branch on one of them would be a
 * difference between environments that nobody listed (a test declares two strangers and compares).
 */
export type StackIdentity = Identity & {
  environment: string;
  /** Values of env that the manifest declares `perEnvironment`. */
  env: Record<string, string>;
  upstream: string | null;
};

/** What every component is told of where it stands. */
export type Stack = {
  app: string;
  environment: string;
  identity: StackIdentity;
  hub: Hub;
  pins: Pins;
  region: RegionPins;
  /** On everything that takes tags. */
  tags: Record<string, string>;
};
