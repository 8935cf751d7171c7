import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { hostCount, type Settings } from '../../../infra/settings/config.ts';
import { removeTree } from '../../machine/directory.ts';
import { withSystemPaths } from '../../machine/system-paths.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { ProcessLock } from '../../store/process-lock.ts';
import type { Signer } from '../../store/signer.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import { bundleAgent } from '../build/agent-bundle.ts';
import { HaproxyProcess } from '../haproxy/haproxy-process.ts';
import { HaproxyTraffic } from '../haproxy/haproxy-traffic.ts';
import { type AgentEnvironment, type AgentPlace, runAgent } from './agent-process.ts';
import { startHost } from './local-boot.ts';
import { LocalFleet } from './local-fleet.ts';
import { cutPower, isHostAlive, machinePower } from './local-host-power.ts';
import { hostKeys, localPlanOf, provision, provisioningOf, storeAgent } from './local-provisioning.ts';
import { LocalRedis } from './local-redis.ts';
import { type LocalHost, networkOf, planTopology, type Topology } from './local-topology.ts';
import { choosePlace } from './loopback.ts';
import { TopologyFile } from './topology-file.ts';

export type LocalTwinOptions = {
  /** `.lockstep/local/<app>/<environment>`; absolute. */
  directory: string;
  store: ObjectStore;
  /** Where the store lies, for hosts. */
  storePath: string;
  secretsPath: string;
  signer: Signer;
  clock: Clock;
  /** Of the deployer; agents inherit a few names of it. */
  environment: AgentEnvironment;
};

export type UpReport = { topology: Topology; publicUrl: string | null; warnings: string[] };

/**
 * One environment on this machine: hosts (directories with an agent and services), a Redis, a balancer and a
 * shared directory, all at loopback addresses of its own. Everything runs on after the command that started
 * it; each command finds it again by `topology.json` and never touches a process that isn't the environment's
 * own.
 */
export class LocalTwin {
  readonly traffic: HaproxyTraffic;
  readonly fleet: LocalFleet;
  readonly #options: LocalTwinOptions;
  readonly #lock: ProcessLock;
  readonly #topology: TopologyFile;
  readonly #redis: LocalRedis;
  readonly #balancer: HaproxyProcess;

  constructor(options: LocalTwinOptions) {
    this.#options = options;
    const { directory, clock, store, environment } = options;
    const searchPath = withSystemPaths(environment.PATH);
    this.#lock = new ProcessLock(
      new DirectoryStore(path.join(directory, 'state')),
      'lock.json',
      'the environment',
    );
    this.#topology = new TopologyFile(directory);
    this.#redis = new LocalRedis(path.join(directory, 'redis'), searchPath, clock);
    this.#balancer = new HaproxyProcess(path.join(directory, 'balancer'), searchPath, clock);
    this.traffic = new HaproxyTraffic(this.#balancer, clock);
    this.fleet = new LocalFleet({
      topology: () => this.#topology.read(),
      rootOf: (host) => this.rootOf(host),
      store,
      environment,
    });
  }

  rootOf(host: string): string {
    return path.join(this.#options.directory, 'hosts', host);
  }

  /** Undefined where the environment was never up. */
  readTopology(): Promise<Topology | undefined> {
    return this.#topology.find();
  }

  /**
   * Makes the environment run as its settings say: what runs is kept, what is missing is started, hosts are
   * added or taken away. Hosts that were off boot by the last committed order and enter rotation when their
   * bytes match.
   */
  async up(settings: Settings): Promise<UpReport> {
    return this.#during('local up', async () => {
      const { directory, store, storePath, secretsPath, signer } = this.#options;
      const power = await machinePower();
      const plan = localPlanOf(settings, hostCount(settings, 'local'));
      const before = await this.#topology.find();
      const agent = await bundleAgent();
      await storeAgent(store, agent);
      await this.#removeHosts(
        before?.hosts.slice(plan.hosts) ?? [],
        before,
        settings.rollout.drainTimeoutSeconds,
      );

      const running = {
        redis: await this.#redis.isRunning(),
        balancer: await this.#balancer.isRunning(),
        power,
      };
      const planned = await planTopology(plan, networkOf(directory), before, running, choosePlace);
      const topology: Topology = { ...planned, agent: agent.sha256 };
      await this.#topology.write(topology);
      await this.#redis.ensure(topology.redis);
      const sharedDirectory = path.join(directory, 'shared');
      await mkdir(sharedDirectory, { recursive: true });
      const keys = await hostKeys(signer, settings.environment, settings.upstream);
      const facts = { settings, topology, storePath, secretsPath, sharedDirectory, keys };
      for (const host of topology.hosts)
        await provision(this.rootOf(host.name), provisioningOf(host, facts), agent);
      await this.#ensureBalancer(settings, plan.publicService, topology);

      const off = topology.hosts.filter(({ poweredOn, lost }) => poweredOn === null && !lost);
      const problems = await Promise.all(off.map((host) => this.#boot(topology, host)));
      const started = new Set(off.map(({ name }) => name));
      const hosts = topology.hosts.map((host) =>
        started.has(host.name) ? { ...host, poweredOn: power } : host,
      );
      await this.#topology.write({ ...topology, hosts });
      const lost = hosts.filter((host) => host.lost).map(({ name }) => `${name} is down and was left so`);
      return {
        topology: { ...topology, hosts },
        publicUrl: publicUrlOf(topology),
        warnings: [...problems.flat(), ...lost],
      };
    });
  }

  /**
   * Stops services, balancer and Redis, in this order; files stay. Answers false where nothing was ever up.
   */
  async down(): Promise<boolean> {
    if ((await this.#topology.find()) === undefined) return false;
    return this.#during('local down', async () => {
      const topology = await this.#topology.read();
      await Promise.all(topology.hosts.map((host) => this.#shutDown(topology, host)));
      await this.#balancer.stop();
      await this.#redis.stop();
      const hosts = topology.hosts.map((host) => ({ ...host, poweredOn: null, lost: false }));
      await this.#topology.write({ ...topology, hosts });
      return true;
    });
  }

  /** Loses a host as a power failure would; nobody else is told. */
  async killHost(name: string): Promise<void> {
    await this.#during('losing a host', async () => {
      await this.#topology.change(name, { lost: true });
      await cutPower(this.rootOf(name), this.#options.clock);
    });
  }

  /**
   * Starts a lost host: it boots by the last committed order. Answers why it isn't in rotation, or nothing.
   */
  async startHost(name: string): Promise<string[]> {
    return this.#during('starting a host', async () => {
      const { topology, host } = await this.#topology.change(name, { lost: false, poweredOn: null });
      if (topology.balancer !== null) await this.traffic.takeOut(name);
      const problems = await this.#boot(topology, host);
      await this.#topology.change(name, { poweredOn: await machinePower() });
      return problems;
    });
  }

  #boot(topology: Topology, host: LocalHost): Promise<string[]> {
    const { store, environment, signer, clock } = this.#options;
    return startHost(this.#placeOf(topology, host), {
      store,
      environment,
      signer,
      clock,
      traffic: topology.balancer === null ? null : this.traffic,
    });
  }

  #placeOf({ app, environment, agent }: Topology, { name }: LocalHost): AgentPlace {
    return { app, environment, host: name, root: this.rootOf(name), agent };
  }

  async #shutDown(topology: Topology, host: LocalHost): Promise<void> {
    const root = this.rootOf(host.name);
    if (!(await isHostAlive(root))) return;
    const { store, environment, clock } = this.#options;
    try {
      await runAgent(this.#placeOf(topology, host), 'shutdown', {}, { store, environment });
    } catch {
      // An agent that can't say goodbye: what it left is ended all the same.
    }
    await cutPower(root, clock);
  }

  async #removeHosts(
    leaving: readonly LocalHost[],
    topology: Topology | undefined,
    drainTimeoutSeconds: number,
  ): Promise<void> {
    if (topology === undefined) return;
    for (const host of leaving) {
      if (topology.balancer !== null && (await this.#balancer.isRunning())) {
        await this.traffic.takeOut(host.name);
        await this.traffic.waitDrained(host.name, drainTimeoutSeconds);
      }
      await this.#shutDown(topology, host);
      await removeTree(this.rootOf(host.name));
    }
  }

  async #ensureBalancer(
    settings: Settings,
    publicService: string | null,
    { balancer, hosts }: Topology,
  ): Promise<void> {
    const service = publicService === null ? undefined : settings.app.services[publicService];
    if (publicService === null || service === undefined || balancer === null) return this.#balancer.stop();
    const servers = hosts.flatMap(({ name, address, ports }) => {
      const port = ports[publicService];
      return port === undefined ? [] : [{ name, address, port }];
    });
    const absent = hosts.filter(({ poweredOn, lost }) => poweredOn === null && !lost);
    await this.#balancer.ensure(
      {
        bind: balancer,
        healthPath: service.healthPath,
        longestRequestSeconds: service.longestRequestSeconds,
        servers,
      },
      new Set(absent.map(({ name }) => name)),
    );
  }

  #during<T>(verb: string, work: () => Promise<T>): Promise<T> {
    return this.#lock.during(verb, work, { patienceSeconds: 300 });
  }
}

export function publicUrlOf({ balancer }: Topology): string | null {
  return balancer === null ? null : `http://${balancer.address}:${balancer.port}`;
}
