import { existsSync } from 'node:fs';
import path from 'node:path';
import { hostCount, type Settings, valuesFor } from '../../../infra/settings/config.ts';
import { GitSource } from '../../adapters/build/git-source.ts';
import { LocalWorkshop } from '../../adapters/build/local-workshop.ts';
import { balancerCookie } from '../../adapters/haproxy/haproxy-config.ts';
import { HttpProbe } from '../../adapters/local/http-probe.ts';
import { FileSigner } from '../../adapters/local/key-files.ts';
import { LocalTwin, publicUrlOf, type UpReport } from '../../adapters/local/local-twin.ts';
import { NoTraffic } from '../../adapters/local/no-traffic.ts';
import { FileSecrets, secretFileOf } from '../../adapters/local/secret-file.ts';
import { makeStateDirectory, stateDirectoryOf } from '../../adapters/local/state-directory.ts';
import {
  checkEnvironment,
  listEnvironments,
  listUpstreamFirst,
  loadSettings,
} from '../../adapters/settings/settings-files.ts';
import { systemClock } from '../../adapters/terminal/system-clock.ts';
import type { Context } from '../../console/command.ts';
import { factsProblems } from '../../domain/app/app-values.ts';
import { errored, usage } from '../../domain/errors.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import { proveStoreConditions } from '../../store/store-conditions.ts';
import type { Actor, Environment } from '../../workflows/environment/environment.ts';
import type { Probe } from '../../workflows/ports/traffic.ts';
import { actorOf } from '../contract/actor.ts';
import type { BuildPlace, OpenEnvironment, OpenOptions, Target } from '../contract/target.ts';
import { everUp, type TwinName } from './ever-up.ts';

/** Environments on this machine, all of them under `<project>/.lockstep`. */
export class LocalTarget implements Target {
  readonly kind = 'local';
  readonly #context: Context;
  readonly #project: string;
  readonly #state: string;
  readonly #store: DirectoryStore;
  readonly #signer: FileSigner;
  #proved: Promise<void> | undefined;
  #actor: Actor | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#project = path.resolve(context.options.project);
    this.#state = stateDirectoryOf(this.#project);
    this.#store = new DirectoryStore(this.#storePath);
    this.#signer = new FileSigner(path.join(this.#state, 'keys'));
  }

  get actor(): Actor {
    this.#actor ??= actorOf(this.#context.environment);
    return this.#actor;
  }

  get #storePath(): string {
    return path.join(this.#state, 'store');
  }

  environments(): Promise<readonly string[]> {
    return listUpstreamFirst(this.#project, systemClock.now());
  }

  /** @throws LockstepError refused when the store ignores its conditions. */
  async open(name: string, options: OpenOptions = {}): Promise<OpenEnvironment> {
    const { reporter } = this.#context;
    const settings = await this.settings(name, options);
    await this.#prepare();
    this.#proved ??= proveStoreConditions(this.#store);
    await this.#proved;
    const twin = this.twin(settings.app.name, name);
    const brought = options.lookOnly === true ? [] : (await twin.up(settings)).warnings;
    for (const warning of [...settings.warnings, ...brought]) reporter.warn(warning);
    const topology = await twin.readTopology();
    const publicUrl = topology === undefined ? null : publicUrlOf(topology);
    const withoutBalancer = topology !== undefined && topology.balancer === null;
    const environment: Environment = {
      app: settings.app.name,
      name,
      upstream: settings.upstream,
      soakMinutes: settings.soakMinutes,
      values: valuesFor(settings, 'local'),
      ownValues: { ...settings.env, ...settings.local.env },
      rollout: {
        ...settings.rollout,
        allowDowntime: options.allowDowntime ?? settings.rollout.allowDowntime,
      },
      balancerCookies: [balancerCookie],
      ports: {
        store: this.#store,
        fleet: twin.fleet,
        traffic: withoutBalancer ? new NoTraffic() : twin.traffic,
        probe: publicUrl === null ? noProbe : new HttpProbe(new URL(publicUrl)),
        signer: this.#signer,
        secrets: new FileSecrets(this.#project),
        clock: systemClock,
        reporter,
      },
    };
    return {
      environment,
      settings,
      wantedHosts: hostCount(settings, 'local'),
      hostsAreLocal: settings.local.hosts !== null,
      publicUrl,
    };
  }

  /** Brings an environment up, and reports where its parts listen. */
  async up(settings: Settings): Promise<UpReport> {
    await this.#prepare();
    return this.twin(settings.app.name, settings.environment).up(settings);
  }

  /** @throws LockstepError refused when the store ignores its conditions. */
  async builder(app: string): Promise<BuildPlace> {
    await this.#prepare();
    await proveStoreConditions(this.#store);
    const { environment, reporter } = this.#context;
    const isProject = existsSync(path.join(this.#project, 'Pulumi.yaml'));
    const known = isProject ? await listEnvironments(this.#project) : [];
    const all = await Promise.all(known.map((name) => this.settings(name, { lenient: true })));
    return {
      ports: {
        store: this.#store,
        signer: this.#signer,
        source: new GitSource(app, environment),
        workshop: new LocalWorkshop(path.join(this.#state, 'work'), environment),
        reporter,
      },
      factsProblems: (manifest) => [
        ...new Set(all.flatMap((settings) => factsProblems(manifest, settings.app))),
      ],
    };
  }

  async secrets(environment: string): Promise<FileSecrets> {
    await checkEnvironment(this.#project, environment);
    return new FileSecrets(this.#project);
  }

  async redisLogin(environment: string): Promise<never> {
    throw usage('the Redis of the local target has no password', {
      fix: `Write --target aws to rotate the password of ${environment} in AWS.`,
    });
  }

  settings(environment: string, { lenient = false }: Pick<OpenOptions, 'lenient'> = {}): Promise<Settings> {
    return loadSettings(this.#project, environment, systemClock.now(), { lenient });
  }

  /** The parts of an environment, whether they run or not. */
  twin(app: string, environment: string): LocalTwin {
    return new LocalTwin({
      directory: path.join(this.#state, 'local', app, environment),
      store: this.#store,
      storePath: this.#storePath,
      secretsPath: secretFileOf(this.#project, environment),
      signer: this.#signer,
      clock: systemClock,
      environment: this.#context.environment,
    });
  }

  /**
   * What was ever up, according to the disk: `down` must find environments whose settings are gone or broken.
   */
  everUp(): Promise<TwinName[]> {
    return everUp(path.join(this.#state, 'local'));
  }

  async #prepare(): Promise<void> {
    await makeStateDirectory(this.#project);
  }
}

const noProbe: Probe = {
  async send() {
    throw errored('the environment has no public address', {
      fix: 'Bring it up (lockstep local up ENV); an app without a public service has no suites through a balancer.',
    });
  },
};
