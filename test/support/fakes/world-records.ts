import { sharedConfigDigest } from '../../../scripts/domain/app/app-config.ts';
import { appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { digestOf, sha256 } from '../../../scripts/domain/canonical.ts';
import { type Order, outcomeOf } from '../../../scripts/domain/order/order.ts';
import type { ReleaseManifest } from '../../../scripts/domain/release/release.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { machinePlatform } from '../../../scripts/machine/machine.ts';
import { DirectoryStore } from '../../../scripts/store/directory-store.ts';
import { writeOnce, writeSigned } from '../../../scripts/store/records.ts';
import type { KeyRole } from '../../../scripts/store/signer.ts';
import { MemorySigner } from './memory-signer.ts';
import { entriesOf, storePack } from './packed-release.ts';

export type OrderOptions = Partial<
  Pick<Order, 'basis' | 'secrets' | 'number' | 'previous' | 'sharedConfig' | 'release' | 'config'>
> & { values?: Record<string, string> };

/** A web service that answers its environment and start time; the smallest thing with a port. */
export const webServer = `
const http = require('node:http');
http.createServer((request, response) => {
  let size = 0;
  request.on('data', (chunk) => { size += chunk.length; });
  request.on('end', () => {
    if (request.url === '/health') return response.end('ok');
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.end(JSON.stringify({ pid: process.pid, size, cwd: process.cwd(), env: process.env }));
  });
}).listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening as', process.env.GREETING, process.env.API_KEY));
`;
export const webService = {
  command: ['node', 'server.js'],
  port: 8080,
  health: { path: '/health', graceSeconds: 20 },
  stopTimeoutSeconds: 5,
};

/** The records of one app and its environment `here`, written as a builder and a deployer write them. */
export class WorldRecords {
  readonly app = 'sample';
  readonly store: DirectoryStore;
  readonly signer = new MemorySigner();
  #orders: Order[] = [];
  #manifests = new Map<string, ReleaseManifest>();

  constructor(storePath: string) {
    this.store = new DirectoryStore(storePath);
  }

  /** Stores a sealed release; answers its digest. */
  async release(
    files: Record<string, string>,
    app: Record<string, unknown> = {},
    platform: Partial<ReleaseManifest['platform']> = {},
  ): Promise<string> {
    const whole = await this.manifestOf(files, app);
    const manifest = { ...whole, platform: { ...whole.platform, ...platform } };
    const digest = digestOf(manifest);
    const pack = await storePack(this.store, manifest, files);
    const build = {
      app: this.app,
      tag: 'v1',
      commit: 'c',
      commitTime: 1_700_000_000,
      builtBy: 'test',
      tools: {},
    };
    await writeOnce(this.store, storeKeys.releasePacks(digest), { packs: [pack] });
    await writeOnce(this.store, storeKeys.releaseBuild(digest), build);
    await writeOnce(this.store, storeKeys.releaseManifest(digest), manifest);
    const seal = { release: digest, build: digestOf(build), app: this.app };
    await this.sign(storeKeys.releaseSignature(digest), 'release', seal, { role: 'build' });
    this.#manifests.set(digest, manifest);
    return digest;
  }

  async manifestOf(files: Record<string, string>, app: Record<string, unknown>): Promise<ReleaseManifest> {
    const manifest = appManifestSchema.parse({ name: this.app, services: { web: webService }, ...app });
    const { runtimes: _, ...platform } = await machinePlatform([], process.env);
    const entries = entriesOf(files, manifest.directories);
    return { schema: 1, platform: { ...platform, runtimes: {} }, app: manifest, files: entries };
  }

  /** Writes the next order; answers its number. */
  async order(release: string, options: OrderOptions = {}): Promise<number> {
    const { values = {}, ...given } = options;
    const number = given.number ?? this.#orders.length + 1;
    const config = { app: this.app, environment: 'here', values };
    await writeOnce(this.store, storeKeys.config(digestOf(config)), config);
    const last = this.#orders.at(-1);
    const manifest = this.#manifests.get(release);
    const order: Order = {
      app: this.app,
      environment: 'here',
      number,
      previous: last === undefined ? null : digestOf(last),
      release,
      tag: null,
      config: digestOf(config),
      sharedConfig: manifest === undefined ? sha256('') : sharedConfigDigest(manifest.app, values),
      secrets: [],
      basis: { kind: 'first-in-chain' },
      by: 'test',
      at: new Date().toISOString(),
      ...given,
    };
    await this.sign(storeKeys.order(this.app, 'here', number), 'order', order, {
      role: 'orders',
      environment: 'here',
    });
    this.#orders.push(order);
    return number;
  }

  async outcome(number: number, result: 'committed' | 'failed' | 'abandoned' = 'committed'): Promise<void> {
    const order = this.#orders[number - 1];
    if (order === undefined) throw new Error(`no order ${number}`);
    const outcome = outcomeOf(order, result, { now: new Date() });
    const key = storeKeys.outcome(this.app, 'here', number);
    await this.sign(key, 'outcome', outcome, { role: 'orders', environment: 'here' });
  }

  lastOrder(): Order {
    const order = this.#orders.at(-1);
    if (order === undefined) throw new Error('no order yet');
    return order;
  }

  async sign<T>(
    key: string,
    kind: 'release' | 'order' | 'outcome' | 'receipt',
    payload: T,
    role: KeyRole,
  ): Promise<void> {
    await writeSigned(this.store, key, kind, payload, (signedKind, digest) =>
      this.signer.sign(role, signedKind, digest),
    );
  }
}
