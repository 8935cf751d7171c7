import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { bundleAgent } from '../../scripts/adapters/agent-bundle.ts';
import { DirectoryStore } from '../../scripts/adapters/directory-store.ts';
import { sharedConfigDigest } from '../../scripts/domain/app-config.ts';
import { appManifestSchema } from '../../scripts/domain/app-manifest.ts';
import { digestOf, sha256 } from '../../scripts/domain/canonical.ts';
import {
  type AgentOutput,
  agentNodeOptions,
  agentOutputSchema,
  type HostProvisioning,
  type Verb,
  type VerbAnswer,
  type VerbRequest,
  verbs,
} from '../../scripts/domain/host-protocol.ts';
import { type Order, outcomeOf } from '../../scripts/domain/order.ts';
import {
  byPath,
  type FileEntry,
  type ReleaseManifest,
  writableLinkTarget,
} from '../../scripts/domain/release.ts';
import { storeKeys } from '../../scripts/domain/store-keys.ts';
import { type Host, hostPaths } from '../../scripts/host/host.ts';
import { hostProcesses } from '../../scripts/host/host-processes.ts';
import { LocalSupervisor } from '../../scripts/host/local-supervisor.ts';
import { machinePlatform } from '../../scripts/host/machine.ts';
import { runners } from '../../scripts/host/verbs.ts';
import type { KeyRole } from '../../scripts/workflows/ports.ts';
import { writeOnce, writeSigned } from '../../scripts/workflows/records.ts';
import { MemorySigner } from './memory-signer.ts';

export type AppInput = Parameters<typeof appManifestSchema.parse>[0] & object;
export type OrderOptions = Partial<
  Pick<Order, 'basis' | 'secrets' | 'number' | 'previous' | 'sharedConfig' | 'release'>
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

/** One app's environment with real records, a real store and one real host that runs the bundled agent. */
export class HostWorld {
  readonly directory: string;
  readonly store: DirectoryStore;
  readonly signer = new MemorySigner();
  readonly root: string;
  readonly app = 'sample';
  provisioning: HostProvisioning;
  /** SHA-256 of the agent. */
  agent = '';
  #orders: Order[] = [];
  #manifests = new Map<string, ReleaseManifest>();

  static async create(options: { upstream?: string; longPath?: boolean } = {}): Promise<HostWorld> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-host-'));
    const { bytes } = await bundleAgent();
    const world = new HostWorld(directory, options);
    await mkdir(world.root, { recursive: true });
    await mkdir(path.join(directory, 'shared'));
    await writeFile(path.join(world.root, 'agent.mjs'), bytes);
    world.agent = sha256(bytes);
    world.provisioning.ports = { web: await freePort() };
    world.provisioning.keys = {
      build: await world.signer.publicKey({ role: 'build' }),
      orders: await world.signer.publicKey({ role: 'orders', environment: 'here' }),
      upstreamReceipts:
        options.upstream === undefined
          ? null
          : await world.signer.publicKey({ role: 'receipts', environment: options.upstream }),
    };
    await world.provision({});
    return world;
  }

  private constructor(directory: string, { upstream, longPath }: { upstream?: string; longPath?: boolean }) {
    this.directory = directory;
    this.root = path.join(directory, longPath === true ? 'long'.repeat(25) : 'root');
    this.store = new DirectoryStore(path.join(directory, 'store'));
    this.provisioning = {
      app: this.app,
      environment: 'here',
      upstream: upstream ?? null,
      host: 'host-1',
      address: '127.0.0.1',
      store: { kind: 'directory', path: path.join(directory, 'store') },
      secrets: { kind: 'file', path: path.join(directory, 'secrets.json') },
      supervisor: 'local',
      sharedDirectory: path.join(directory, 'shared'),
      ports: {},
      bindings: {},
      keepReleases: 3,
      keys: { build: '', orders: '', upstreamReceipts: null },
    };
  }

  get port(): number {
    return this.provisioning.ports.web ?? 0;
  }

  async provision(change: Partial<HostProvisioning>): Promise<void> {
    Object.assign(this.provisioning, change);
    await writeFile(path.join(this.root, 'host.json'), JSON.stringify(this.provisioning));
  }

  async secrets(values: Record<string, Record<string, string>>): Promise<void> {
    await writeFile(this.provisioning.secrets.path, JSON.stringify(values), { mode: 0o600 });
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
    const contents = Object.values(files)
      .filter((content) => content !== '')
      .map((content) => Buffer.from(content));
    const stream = Buffer.concat(contents);
    const frame = zstdCompressSync(stream);
    const pack = sha256(frame);
    let offset = 0;
    const packed = contents.map((content) => {
      offset += content.length;
      return { sha256: sha256(content), offset: offset - content.length, size: content.length };
    });
    await this.store.putIfAbsent(storeKeys.pack(pack), frame);
    await writeOnce(this.store, storeKeys.packIndex(pack), {
      frames: [{ offset: 0, length: frame.length, size: stream.length }],
      files: packed,
    });
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
    const entries = new Map<string, FileEntry>();
    const addParents = (file: string) => {
      const parts = file.split('/');
      for (let depth = 1; depth < parts.length; depth++) {
        const directory = parts.slice(0, depth).join('/');
        entries.set(directory, { type: 'directory', path: directory });
      }
    };
    for (const [file, content] of Object.entries(files)) {
      addParents(file);
      const size = Buffer.byteLength(content);
      entries.set(file, { type: 'file', path: file, mode: '0444', size, sha256: sha256(content) });
    }
    for (const kind of ['shared', 'scratch'] as const) {
      for (const directory of manifest.directories[kind]) {
        addParents(directory);
        entries.set(directory, {
          type: 'link',
          path: directory,
          target: writableLinkTarget(kind, directory),
        });
      }
    }
    const { runtimes: _, ...platform } = await machinePlatform([]);
    const files_ = [...entries.values()].sort(byPath);
    return { schema: 1, platform: { ...platform, runtimes: {} }, app: manifest, files: files_ };
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

  /** The same host for code that runs in the test's own process. */
  host(): Host {
    const command = [
      process.execPath,
      path.join(this.root, 'agent.mjs'),
      'supervise',
      '--root',
      this.root,
    ] as const;
    return {
      root: this.root,
      provisioning: this.provisioning,
      store: this.store,
      state: new DirectoryStore(hostPaths(this.root).state),
      supervisor: new LocalSupervisor(this.root, command, process.env.PATH ?? ''),
      agent: this.agent,
      environment: { PATH: process.env.PATH },
      signal: new AbortController().signal,
      now: () => new Date(),
    };
  }

  /** Starts the agent as a fleet does; the child can be killed. */
  spawn(verb: string, request: unknown, nodeOptions: readonly string[] = []) {
    const agent = path.join(this.root, 'agent.mjs');
    const child = spawn(
      process.execPath,
      [...agentNodeOptions, ...nodeOptions, agent, verb, '--root', this.root],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, SECRET_OF_THE_AGENT: 'x' },
      },
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
    return child;
  }

  async run(
    verb: string,
    request: unknown,
  ): Promise<{ code: number | null; output: AgentOutput; errors: string }> {
    const child = this.spawn(verb, request);
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { code, output: agentOutputSchema.parse(JSON.parse(output)), errors };
  }

  /** The answer of a verb, done in this process: the agent's own code without the time that its start takes. */
  async call<V extends Verb>(verb: V, request: VerbRequest<V>): Promise<VerbAnswer<V>> {
    const answer = await runners.get(verb)?.(this.host(), request);
    return verbs[verb].answer.parse(answer) as VerbAnswer<V>;
  }

  async ask(pathname = '/'): Promise<{ pid: number; cwd: string; env: Record<string, string> }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${pathname}`);
    return (await response.json()) as { pid: number; cwd: string; env: Record<string, string> };
  }

  /** Loses the host as a power failure does. */
  async kill(): Promise<void> {
    const { supervisor, services } = await hostProcesses(this.root);
    if (supervisor !== null) killQuietly(supervisor.pid);
    for (const { process: service } of services) killQuietly(-service.pid);
  }

  async close(): Promise<void> {
    await this.run('shutdown', {}).catch(() => undefined);
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
