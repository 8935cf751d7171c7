import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { type Settings, valuesFor } from '../../infra/settings/config.ts';
import { listEnvironments, loadSettings } from '../adapters/settings/settings-files.ts';
import type { Context } from '../console/command.ts';
import type { Actor, Environment } from '../workflows/environment/environment.ts';
import { openLocal } from './local/open-local.ts';

export type OpenOptions = {
  /** Overrides `rollout.allowDowntime` of the settings for this one run. */
  allowDowntime?: boolean | undefined;
  /** Rollback and status: a listed difference past its date only warns. */
  lenient?: boolean;
  /** Verbs that only look leave what is down as it is, and report it. */
  lookOnly?: boolean;
};

/** The environment, its twin running unless `lookOnly`, with the ports that workflows ask for. */
export async function openEnvironment(
  context: Context,
  name: string,
  options: OpenOptions = {},
): Promise<Environment> {
  return (await openSettled(context, name, options)).environment;
}

/** As {@link openEnvironment}, with the settings that it was opened by. */
export async function openSettled(
  context: Context,
  name: string,
  options: OpenOptions = {},
): Promise<{ environment: Environment; settings: Settings }> {
  const world = await openLocal({ project: context.options.project, lenient: options.lenient ?? false });
  const opened = await world.environment(name, { up: options.lookOnly !== true });
  const { settings, fleet, traffic, probe, balancerCookies } = opened;
  for (const warning of [...settings.warnings, ...opened.warnings]) context.reporter.warn(warning);
  const { store, signer, secrets, clock } = world;
  const environment: Environment = {
    app: settings.app.name,
    name,
    upstream: settings.upstream,
    soakMinutes: settings.soakMinutes,
    values: valuesFor(settings, 'local'),
    ownValues: { ...settings.env, ...settings.local.env },
    rollout: { ...settings.rollout, allowDowntime: options.allowDowntime ?? settings.rollout.allowDowntime },
    balancerCookies,
    ports: { store, fleet, traffic, probe, signer, secrets, clock, reporter: context.reporter },
  };
  return { environment, settings };
}

/** Every environment of the project, upstream before downstream. */
export async function environmentNames(context: Context): Promise<readonly string[]> {
  const { project } = context.options;
  const names = await listEnvironments(project);
  const settings = await Promise.all(
    names.map((name) => loadSettings(project, name, new Date(), { lenient: true })),
  );
  const depth = (name: string | null): number => {
    const found = settings.find(({ environment }) => environment === name);
    return found === undefined ? 0 : 1 + depth(found.upstream);
  };
  return names.toSorted((left, right) => depth(left) - depth(right));
}

/** Who acts, as orders and leases show it; in GitHub Actions the person who started the run. */
export function actorOf(context: Context): Actor {
  const owner = context.environment.GITHUB_ACTOR ?? `${os.userInfo().username}@${os.hostname()}`;
  const job = context.environment.GITHUB_RUN_ID;
  // Random even in a CI run: two jobs of one run must not take each other's lease for their own.
  const unique = randomBytes(4).toString('hex');
  return { owner, run: job === undefined ? unique : `${job}-${unique}` };
}
