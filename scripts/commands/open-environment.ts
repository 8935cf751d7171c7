import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { valuesFor } from '../../infra/config.ts';
import { openLocal } from '../adapters/wire.ts';
import type { Actor, Environment } from '../workflows/environment.ts';
import type { Context } from './command.ts';

export type OpenOptions = {
  /** Overrides `rollout.allowDowntime` of the settings for this one run. */
  allowDowntime?: boolean;
  /** Rollback and status: a listed difference past its date only warns. */
  lenient?: boolean;
};

/** The environment with its settings, its twin running, and the ports that workflows ask for. */
export async function openEnvironment(
  context: Context,
  name: string,
  options: OpenOptions = {},
): Promise<Environment> {
  const world = await openLocal({ project: context.options.project, lenient: options.lenient ?? false });
  const { settings, fleet, traffic, probe } = await world.environment(name);
  for (const warning of settings.warnings) context.reporter.warn(warning);
  return {
    app: settings.app.name,
    name,
    upstream: settings.upstream,
    soakMinutes: settings.soakMinutes,
    values: valuesFor(settings, 'local'),
    rollout: { ...settings.rollout, allowDowntime: options.allowDowntime ?? settings.rollout.allowDowntime },
    ports: {
      store: world.store,
      fleet,
      traffic,
      probe,
      signer: world.signer,
      secrets: world.secrets,
      clock: world.clock,
      reporter: context.reporter,
    },
  };
}

/** Who acts, as orders and leases show it; in GitHub Actions the person who started the run. */
export function actorOf(context: Context): Actor {
  const owner = context.environment.GITHUB_ACTOR ?? `${os.userInfo().username}@${os.hostname()}`;
  const job = context.environment.GITHUB_RUN_ID;
  // Random even in a CI run: two jobs of one run must not take each other's lease for their own.
  const unique = randomBytes(4).toString('hex');
  return { owner, run: job === undefined ? unique : `${job}-${unique}` };
}
