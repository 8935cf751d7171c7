import type { Identity } from '../settings/schema/identity-schema.ts';
import type { Pins, RegionPins } from '../settings/schema/pins.ts';
import type { Base } from '../settings/schema/settings-schema.ts';
import { type Hub, tagsOf } from './naming.ts';

/**
 * What every environment shares: the settings, differences applied, without anything that names the
 * environment.
 */
export type SharedSettings = Base;

/**
 * Who the environment is. Components pass these values on and never look at them: a branch on one of them
 * would be a difference between environments that nobody listed (`lockstep plan` declares two placeholders
 * and compares).
 */
export type StackIdentity = Identity & {
  environment: string;
  /** Values of env that the manifest declares `perEnvironment`. */
  env: Record<string, string>;
  upstream: string | null;
};

/** What an infrastructure program is given. */
export type Subject = { settings: SharedSettings; identity: StackIdentity; pins: Pins };

/** Who an environment is, by its settings. */
export function identityOf(settings: {
  environment: string;
  identity: Identity;
  env: Record<string, string>;
  upstream: string | null;
}): StackIdentity {
  const { identity, environment, env, upstream } = settings;
  return { ...identity, environment, env, upstream };
}

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

/** Said once: every component is told the same of where it stands. */
export function stackOf(settings: SharedSettings, identity: StackIdentity, pins: Pins): Stack {
  const { hub, app } = settings;
  const region = pins.regions[identity.region];
  if (hub === null) throw new TypeError('the settings have no hub. Add hub: {account, region}');
  if (region === undefined) {
    throw new TypeError(`pins.json has no ${identity.region}. Run \`lockstep pins update\``);
  }
  const { environment } = identity;
  const tags = tagsOf({ app: app.name, environment });
  return { app: app.name, environment, identity, hub, pins, region, tags };
}
