import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { nameSchema, type Settings } from '../../../infra/settings/config.ts';
import { balancerCookie } from '../../adapters/haproxy/haproxy-config.ts';
import type { AgentEnvironment } from '../../adapters/local/agent-process.ts';
import { HttpProbe } from '../../adapters/local/http-probe.ts';
import { FileSigner } from '../../adapters/local/key-files.ts';
import { LocalTwin, publicUrlOf } from '../../adapters/local/local-twin.ts';
import { NoTraffic } from '../../adapters/local/no-traffic.ts';
import { FileSecrets, secretFileOf } from '../../adapters/local/secret-file.ts';
import { loadSettings } from '../../adapters/settings/settings-files.ts';
import { systemClock } from '../../adapters/terminal/system-clock.ts';
import { errored } from '../../domain/errors.ts';
import { ignoring } from '../../machine/system-error.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import { proveStoreConditions } from '../../store/store-conditions.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import type { Fleet } from '../../workflows/ports/hosts.ts';
import type { Probe, Traffic } from '../../workflows/ports/traffic.ts';

export type LocalOptions = {
  /** The directory of Pulumi.yaml. */
  project: string;
  /** A listed difference past its date only warns. */
  lenient?: boolean;
  clock?: Clock;
  /** What agents and daemons inherit a few names of; default: this process's own. */
  environment?: AgentEnvironment;
};

export type OpenOptions = {
  /** Default true: starts what isn't running. False looks only: what is down is reported as down. */
  up?: boolean;
};

/** One environment of the local target, as workflows need it. */
export type LocalEnvironment = {
  settings: Settings;
  fleet: Fleet;
  traffic: Traffic;
  probe: Probe;
  twin: LocalTwin;
  /** Null where the app has no public service, or the environment was never up. */
  publicUrl: string | null;
  balancerCookies: readonly string[];
  /** What `up` could not bring about: a host that stays out of rotation. */
  warnings: readonly string[];
};

export type LocalWorld = {
  store: DirectoryStore;
  signer: FileSigner;
  clock: Clock;
  secrets: FileSecrets;
  /** `<project>/.lockstep` */
  stateDirectory: string;
  settings(environment: string): Promise<Settings>;
  /** The environment's parts, whether they run or not. */
  twin(app: string, environment: string): LocalTwin;
  /** What was ever up, by what lies on disk: `down` must find environments whose settings are gone or broken. */
  known(): Promise<{ app: string; environment: string }[]>;
  environment(name: string, options?: OpenOptions): Promise<LocalEnvironment>;
};

/** The composition root of the local target. @throws LockstepError refused when the store ignores its conditions. */
export async function openLocal(options: LocalOptions): Promise<LocalWorld> {
  const { clock = systemClock, environment: inherited = process.env, lenient = false } = options;
  const project = path.resolve(options.project);
  const stateDirectory = path.join(project, '.lockstep');
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const storePath = path.join(stateDirectory, 'store');
  const store = new DirectoryStore(storePath);
  const signer = new FileSigner(path.join(stateDirectory, 'keys'));
  const secrets = new FileSecrets(project);

  const settings = (environment: string) => loadSettings(project, environment, clock.now(), { lenient });
  const twin = (app: string, environment: string) =>
    new LocalTwin({
      directory: path.join(stateDirectory, 'local', app, environment),
      store,
      storePath,
      secretsPath: secretFileOf(project, environment),
      signer,
      clock,
      environment: inherited,
    });

  let proved: Promise<void> | undefined;
  return {
    store,
    signer,
    clock,
    secrets,
    stateDirectory,
    settings,
    twin,
    async known() {
      const places = path.join(stateDirectory, 'local');
      const apps = await directoriesIn(places);
      const found = apps.map(async (app) =>
        (await directoriesIn(path.join(places, app))).map((environment) => ({ app, environment })),
      );
      return (await Promise.all(found)).flat();
    },
    async environment(name, { up = true } = {}) {
      const wanted = await settings(name);
      proved ??= proveStoreConditions(store);
      await proved;
      const found = twin(wanted.app.name, name);
      const warnings = up ? (await found.up(wanted)).warnings : [];
      const topology = await found.readTopology();
      const publicUrl = topology === undefined ? null : publicUrlOf(topology);
      return {
        settings: wanted,
        fleet: found.fleet,
        traffic: topology !== undefined && topology.balancer === null ? new NoTraffic() : found.traffic,
        probe: publicUrl === null ? noProbe : new HttpProbe(new URL(publicUrl)),
        twin: found,
        publicUrl,
        balancerCookies: [balancerCookie],
        warnings,
      };
    },
  };
}

async function directoriesIn(directory: string): Promise<string[]> {
  const entries = (await ignoring(['ENOENT'], () => readdir(directory, { withFileTypes: true }))) ?? [];
  return entries
    .filter((entry) => entry.isDirectory() && nameSchema.safeParse(entry.name).success)
    .map(({ name }) => name)
    .sort();
}

const noProbe: Probe = {
  async send() {
    throw errored('the environment has no public address', {
      fix: 'Bring it up (lockstep local up ENV); an app without a public service has no suites through a balancer.',
    });
  },
};
