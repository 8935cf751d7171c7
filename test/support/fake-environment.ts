import { type AppManifest, appManifestSchema } from '../../scripts/domain/app-manifest.ts';
import type { Attestation } from '../../scripts/domain/attestation.ts';
import { canonicalJson, digestOf } from '../../scripts/domain/canonical.ts';
import { failed, refused } from '../../scripts/domain/errors.ts';
import type { ProbeResponse, Verb, VerbAnswer, VerbRequest } from '../../scripts/domain/host-protocol.ts';
import type { SecretReference } from '../../scripts/domain/order.ts';
import { type ReleaseManifest, releaseDigest } from '../../scripts/domain/release.ts';
import { storeKeys } from '../../scripts/domain/store-keys.ts';
import type { Environment } from '../../scripts/workflows/environment.ts';
import { EnvironmentRecords } from '../../scripts/workflows/environment-records.ts';
import {
  type Clock,
  type Fleet,
  HostUnreachable,
  type ObjectStore,
  type RotationState,
  type Signer,
  type Traffic,
} from '../../scripts/workflows/ports.ts';
import { writeOnce, writeSigned } from '../../scripts/workflows/records.ts';
import { FakeClock } from './fake-clock.ts';
import { MemorySigner } from './memory-signer.ts';
import { MemoryStore } from './memory-store.ts';

/** What a test may make a fake host do wrong. */
export type FakeFault = 'unreachable' | 'unhealthy' | 'damaged' | 'suite-fails' | undefined;

type FakeHost = {
  fence: number;
  order: number | null;
  restarts: number;
  fault: (release: string) => FakeFault;
};

/**
 * Hosts in memory that keep the rules of the agent which the rollout relies on: a fence that only rises, content
 * that changes at `activate` alone, attestations read from what is there.
 */
export class FakeFleet implements Fleet {
  readonly hosts = new Map<string, FakeHost>();
  readonly calls: string[] = [];
  /** Called before each verb: a test's hook for hosts that appear, signals, killed deployers. */
  onCall: (host: string, verb: Verb) => void | Promise<void> = () => {};
  readonly #records: EnvironmentRecords;

  constructor(records: EnvironmentRecords, names: readonly string[]) {
    this.#records = records;
    for (const name of names) this.add(name);
  }

  add(name: string): void {
    this.hosts.set(name, { fence: 0, order: null, restarts: 0, fault: () => undefined });
  }

  async inventory() {
    return [...this.hosts.keys()].sort().map((name) => ({ name }));
  }

  async call<V extends Verb>(host: string, verb: V, request: VerbRequest<V>): Promise<VerbAnswer<V>> {
    await this.onCall(host, verb);
    this.calls.push(`${host} ${verb}`);
    return (await this.#answer(host, verb, request)) as VerbAnswer<V>;
  }

  async #answer(name: string, verb: Verb, request: unknown): Promise<unknown> {
    const host = this.hosts.get(name);
    const running = host?.order == null ? undefined : await this.#records.order(host.order);
    if (host === undefined || host.fault(running?.release ?? '') === 'unreachable') {
      throw new HostUnreachable(name, 'it is switched off');
    }
    switch (verb) {
      case 'stage': {
        const { order: n } = request as { order?: number };
        if (n !== undefined) this.#raise(host, n);
        return { filesReused: 0, filesFetched: 1, bytesFetched: 10 };
      }
      case 'activate': {
        const { order: n } = request as VerbRequest<'activate'>;
        this.#raise(host, n);
        const wanted = await this.#records.order(n);
        if (wanted === undefined) throw failed(`no order ${n}`);
        const same = running !== undefined && content(running) === content(wanted);
        const damaged = host.fault(wanted.release) === 'damaged';
        host.order = n;
        if (same && !damaged) return { changed: false, healthy: true, failure: null };
        host.restarts++;
        if (host.fault(wanted.release) === 'unhealthy') {
          return {
            changed: true,
            healthy: false,
            failure: { service: 'web', reason: 'answers 500', log: ['boom'] },
          };
        }
        return { changed: true, healthy: true, failure: null };
      }
      case 'deactivate':
        host.order = null;
        return { stopped: ['web'] };
      case 'attest':
        return this.#attest(name, host, (request as VerbRequest<'attest'>).nonce);
      case 'probe': {
        const bad = host.fault(running?.release ?? '') === 'suite-fails';
        const { requests } = request as VerbRequest<'probe'>;
        const status = bad ? 500 : 200;
        const response: ProbeResponse = { status, headers: {}, setCookies: [], body: '', truncated: false };
        return { responses: requests.map(() => response) };
      }
      default:
        throw failed(`the fake fleet has no ${verb}`);
    }
  }

  #raise(host: FakeHost, n: number): void {
    if (n < host.fence) throw refused(`order ${n} is older than order ${host.fence}`);
    host.fence = n;
  }

  async #attest(name: string, host: FakeHost, nonce: string): Promise<Attestation> {
    const order = host.order === null ? undefined : await this.#records.order(host.order);
    const damaged = order !== undefined && host.fault(order.release) === 'damaged';
    return {
      app: this.#records.app,
      environment: this.#records.environment,
      host: name,
      nonce,
      at: new Date(0).toISOString(),
      fence: host.fence,
      order: host.order,
      release: order?.release ?? null,
      damage: { changed: damaged ? ['server.js'] : [], missing: [], extra: [], count: damaged ? 1 : 0 },
      config: order?.config ?? null,
      configValues: {},
      secrets: (order?.secrets ?? []).map((secret) => ({ ...secret, hash: 'h' })),
      bindings: {},
      runtimes: {},
      osPackages: null,
      activatedAt: null,
      processes:
        order === undefined
          ? []
          : [{ service: 'web', pid: 1, startedAt: new Date(0).toISOString(), restarts: 0, lastExit: null }],
      sharedDirectory: null,
      agent: '0'.repeat(64),
    };
  }
}

const content = ({ release, config, secrets }: { release: string; config: string; secrets: unknown }) =>
  canonicalJson({ release, config, secrets });

/** A balancer that remembers who is in; it can be told that a host never gets healthy. */
export class FakeTraffic implements Traffic {
  readonly in = new Set<string>();
  readonly history: string[] = [];
  /** The fewest hosts that were in rotation at once since the first was put in. */
  fewest = Number.POSITIVE_INFINITY;

  async states(hosts: readonly string[]): Promise<ReadonlyMap<string, RotationState>> {
    return new Map(hosts.map((host) => [host, this.in.has(host) ? 'in' : 'out']));
  }

  async takeOut(host: string): Promise<void> {
    this.in.delete(host);
    this.history.push(`out ${host}`);
    this.fewest = Math.min(this.fewest, this.in.size);
  }

  async waitDrained(_host: string, _timeout: number, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    return true;
  }

  async putIn(host: string): Promise<void> {
    this.in.add(host);
    this.history.push(`in ${host}`);
  }

  async waitHealthy(): Promise<boolean> {
    return true;
  }
}

export type FakeWorld = {
  store: ObjectStore;
  signer: Signer;
  clock: FakeClock;
  secrets: Map<string, SecretReference[]>;
  retired: Set<string>;
  /** Stores a signed release of the sample manifest and its tag; answers its digest. */
  build(tag: string, changes?: Partial<AppManifest>): Promise<string>;
};

export const sampleManifest = appManifestSchema.parse({
  name: 'shop',
  services: { web: { command: ['serve'], port: 8080, health: { path: '/health' } } },
  public: 'web',
  env: { COLOUR: { required: false }, PUBLIC_NAME: { required: false, perEnvironment: true } },
  smoke: [{ name: 'front', travels: 'each-host', steps: [{ name: 'home', request: { path: '/' } }] }],
});

export function fakeWorld(clock = new FakeClock()): FakeWorld {
  const store = new MemoryStore();
  const signer = new MemorySigner();
  return {
    store,
    signer,
    clock,
    secrets: new Map(),
    retired: new Set(),
    async build(tag, changes = {}) {
      const manifest: ReleaseManifest = {
        schema: 1,
        platform: { os: 'linux', architecture: 'x64', libc: 'glibc 2.36', runtimes: {} },
        app: { ...sampleManifest, ...changes },
        files: [{ type: 'file', path: 'tag.txt', mode: '0444', size: 1, sha256: digestOf(tag) }],
      };
      const release = releaseDigest(manifest);
      const build = { app: 'shop', tag, commit: 'c', commitTime: 1, builtBy: 'test', tools: {} };
      await writeOnce(store, storeKeys.releaseManifest(release), manifest);
      await writeOnce(store, storeKeys.releaseBuild(release), build);
      await writeSigned(
        store,
        storeKeys.releaseSignature(release),
        'release',
        { release, build: digestOf(build), app: 'shop' },
        (kind, digest) => signer.sign({ role: 'build' }, kind, digest),
      );
      await writeOnce(store, storeKeys.tag('shop', tag), {
        app: 'shop',
        tag,
        release,
        commit: 'c',
        commitTime: 1,
      });
      return release;
    },
  };
}

export type FakeEnvironment = Environment & { fleet: FakeFleet; traffic: FakeTraffic; said: string[] };

/** One environment of the fake world; `staging` is first in the chain, others come after it. */
export function fakeEnvironment(
  world: FakeWorld,
  name: string,
  options: {
    hosts?: number;
    values?: Record<string, string>;
    soakMinutes?: number;
    clock?: Clock;
    allowDowntime?: boolean;
  } = {},
): FakeEnvironment {
  const records = new EnvironmentRecords(world, 'shop', name);
  const names = Array.from({ length: options.hosts ?? 2 }, (_, index) => `${name}-${index + 1}`);
  const fleet = new FakeFleet(records, names);
  const traffic = new FakeTraffic();
  const said: string[] = [];
  return {
    app: 'shop',
    name,
    upstream: name === 'staging' ? null : 'staging',
    soakMinutes: options.soakMinutes ?? 0,
    values: options.values ?? {},
    rollout: {
      batchSize: 1,
      drainTimeoutSeconds: 1,
      healthyTimeoutSeconds: 1,
      leaseSeconds: 60,
      allowDowntime: options.allowDowntime ?? false,
    },
    balancerCookies: [],
    ports: {
      store: world.store,
      fleet,
      traffic,
      probe: {
        send: async () => ({ status: 200, headers: {}, setCookies: [], body: '', truncated: false }),
      },
      signer: world.signer,
      secrets: {
        current: async (environment) => world.secrets.get(environment) ?? [],
        has: async (_environment, { name: secret, version }) => !world.retired.has(`${secret}@${version}`),
      },
      clock: options.clock ?? world.clock,
      reporter: {
        step: async (title, work) => {
          said.push(title);
          return work((text) => said.push(text));
        },
        info: (text) => void said.push(text),
        warn: (text) => void said.push(text),
      },
    },
    fleet,
    traffic,
    said,
  };
}
