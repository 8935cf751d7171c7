import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleAgent } from '../../../scripts/adapters/build/agent-bundle.ts';
import { freePort } from '../../../scripts/adapters/local/loopback.ts';
import { sha256 } from '../../../scripts/domain/canonical.ts';
import {
  type AgentOutput,
  agentNodeOptions,
  agentOutputSchema,
  type HostProvisioning,
  type Verb,
  type VerbAnswer,
  type VerbRequest,
  verbs,
} from '../../../scripts/domain/order/host-protocol.ts';
import { type Host, hostPaths } from '../../../scripts/host/place/host.ts';
import { hostProcesses } from '../../../scripts/host/services/local/host-processes.ts';
import { LocalSupervisor } from '../../../scripts/host/services/local/local-supervisor.ts';
import { runners } from '../../../scripts/host/verbs/verbs.ts';
import { DirectoryStore } from '../../../scripts/store/directory-store.ts';
import { WorldRecords } from './world-records.ts';

/** One app's environment with real records in a real store, and one real host that runs the bundled agent. */
export class HostWorld extends WorldRecords {
  readonly directory: string;
  readonly root: string;
  provisioning: HostProvisioning;
  /** SHA-256 of the agent. */
  agent = '';
  /** What an agent inherits besides its PATH. */
  environment: Record<string, string> = { SECRET_OF_THE_AGENT: 'x' };

  static async create(options: { upstream?: string; longPath?: boolean } = {}): Promise<HostWorld> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-host-'));
    const { bytes } = await bundleAgent();
    const world = new HostWorld(directory, options);
    await mkdir(world.root, { recursive: true });
    await mkdir(path.join(directory, 'shared'));
    await writeFile(path.join(world.root, 'agent.mjs'), bytes);
    world.agent = sha256(bytes);
    world.provisioning.ports = { web: await freePort('127.0.0.1') };
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
    super(path.join(directory, 'store'));
    this.directory = directory;
    this.root = path.join(directory, longPath === true ? 'long'.repeat(25) : 'root');
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
        env: { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, ...this.environment },
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

  /**
   * The answer of a verb, done in this process: the agent's own code without the time that its start takes.
   */
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
