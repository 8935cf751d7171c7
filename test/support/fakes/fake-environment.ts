import { type AppManifest, appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import { type ReleaseManifest, releaseDigest } from '../../../scripts/domain/release/release.ts';
import type { SecretReference } from '../../../scripts/domain/secrets/secret-reference.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import type { ObjectStore } from '../../../scripts/store/object-store.ts';
import { writeOnce, writeSigned } from '../../../scripts/store/records.ts';
import type { Signer } from '../../../scripts/store/signer.ts';
import type { Environment } from '../../../scripts/workflows/environment/environment.ts';
import { EnvironmentRecords } from '../../../scripts/workflows/environment/environment-records.ts';
import type { Clock } from '../../../scripts/workflows/ports/clock.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeFleet } from './fake-fleet.ts';
import { FakeTraffic } from './fake-traffic.ts';
import { MemorySigner } from './memory-signer.ts';
import { MemoryStore } from './memory-store.ts';

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
      await writeOnce(store, storeKeys.releasePacks(release), { packs: [] });
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
    batchSize?: number;
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
      batchSize: options.batchSize ?? 1,
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
