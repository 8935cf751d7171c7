import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errored } from '../../domain/errors.ts';
import { writeAtomically } from '../../machine/atomic-file.ts';
import { ignoring } from '../../machine/system-error.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import { ProcessLock } from '../../store/process-lock.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import { Daemon } from '../processes/daemon.ts';
import { type Balancer, renderHaproxyConfig } from './haproxy-config.ts';
import { askHaproxy, guardSocket, runtimeSocketPath } from './haproxy-socket.ts';

const balancerSchema = z.strictObject({
  bind: z.strictObject({ address: z.string(), port: z.int() }),
  healthPath: z.string().nullable(),
  longestRequestSeconds: z.int(),
  adminSocket: z.string(),
  servers: z.array(
    z.strictObject({ name: z.string(), address: z.string(), port: z.int(), out: z.boolean() }),
  ),
});

/** What the balancer should be, without who is out: that belongs to whoever rolls, and is kept. */
export type BalancerWish = Omit<Balancer, 'adminSocket' | 'servers'> & {
  servers: readonly { name: string; address: string; port: number }[];
};

/**
 * HAProxy as a process of one environment. `balancer.json` says what it is and which hosts are out of
 * rotation; the configuration is rendered from it, so that a restart, also after kill -9, brings back nobody
 * who was out (HAProxy itself forgets `maint`). Whoever changes the record holds its lock.
 */
export class HaproxyProcess {
  readonly directory: string;
  readonly #clock: Clock;
  readonly #lock: ProcessLock;
  readonly #daemon: Daemon;

  constructor(directory: string, searchPath: string, clock: Clock) {
    this.directory = directory;
    this.#clock = clock;
    this.#lock = new ProcessLock(
      new DirectoryStore(path.join(directory, 'state')),
      'balancer.json',
      'the balancer',
    );
    this.#daemon = new Daemon({ name: 'haproxy', directory, environment: { PATH: searchPath }, clock });
  }

  /**
   * Starts it, reloads it when something else is wanted, or leaves it alone. New hosts start out of rotation,
   * and so do those in `absent`, whose services don't run.
   */
  async ensure(wish: BalancerWish, absent: ReadonlySet<string> = new Set()): Promise<void> {
    await this.#during(async () => {
      const before = await this.#read();
      const adminSocket = before?.adminSocket ?? runtimeSocketPath(this.directory);
      await guardSocket(adminSocket);
      const wasOut = new Map(before?.servers.map(({ name, out }) => [name, out]));
      const balancer: Balancer = {
        ...wish,
        adminSocket,
        servers: wish.servers.map((server) => ({
          ...server,
          out: absent.has(server.name) || (wasOut.get(server.name) ?? true),
        })),
      };
      const answers = (await askHaproxy(adminSocket, 'show info')) !== undefined;
      const running = answers && (await this.#daemon.running()) !== undefined;
      await this.#write(balancer);
      if (!running) await this.#start(balancer);
      else if (renderHaproxyConfig(balancer) !== (before && renderHaproxyConfig(before)))
        await this.#reload(balancer);
    });
  }

  async isRunning(): Promise<boolean> {
    return (await this.#daemon.running()) !== undefined;
  }

  /** @throws LockstepError errored when it doesn't run. */
  async ask(command: string): Promise<string> {
    const socket = await this.#socket();
    await guardSocket(socket);
    const answer = await askHaproxy(socket, command);
    if (answer === undefined) throw errored('the balancer is not running', notRunning);
    return answer.trim();
  }

  /** The record; undefined before the first start. */
  read(): Promise<Balancer | undefined> {
    return this.#read();
  }

  /**
   * Writes down who is out, before or after `work` does it: `out` must be on record first, `in` only when it
   * is true.
   */
  async setOut(host: string, out: boolean, work: () => Promise<void>): Promise<void> {
    await this.#during(async () => {
      const balancer = await this.#read();
      if (balancer === undefined) throw errored('the balancer was never started', notRunning);
      const servers = balancer.servers.map((server) => (server.name === host ? { ...server, out } : server));
      if (out) await this.#write({ ...balancer, servers });
      await work();
      if (!out) await this.#write({ ...balancer, servers });
    });
  }

  /** Ends it at once; its record stays. */
  async stop(): Promise<void> {
    await this.#during(async () => {
      await this.#daemon.stop('SIGTERM', 5);
      await this.#endStray();
      await rm(path.dirname(await this.#socket()), { recursive: true, force: true });
    });
  }

  async #start(balancer: Balancer): Promise<void> {
    await this.#daemon.stop('SIGKILL', 0);
    await this.#endStray();
    const command = ['haproxy', '-W', '-f', this.#configFile] as const;
    await this.#daemon.start([...command], async () => (await this.#workerId(balancer.adminSocket)) !== null);
  }

  /** The new worker takes over the listening socket; requests in flight end in the old one. */
  async #reload(balancer: Balancer): Promise<void> {
    const old = await this.#workerId(balancer.adminSocket);
    await this.#daemon.signal('SIGUSR2');
    const giveUpAt = this.#clock.monotonic() + 10_000;
    for (;;) {
      const worker = await this.#workerId(balancer.adminSocket);
      if (worker !== null && worker !== old) return;
      if (this.#clock.monotonic() > giveUpAt) break;
      await this.#clock.wait(20);
    }
    throw errored('the balancer did not accept its new configuration', {
      fix: `Its log: ${this.#daemon.logFile}. \`lockstep local down\` and \`local up\` restart it.`,
    });
  }

  async #workerId(socket: string): Promise<number | null> {
    const info = await askHaproxy(socket, 'show info');
    const pid = /^Pid: ([0-9]+)$/m.exec(info ?? '')?.[1];
    return pid === undefined ? null : Number(pid);
  }

  /**
   * A worker that answers on our private socket and has no recorded master: its starter died before the
   * record.
   */
  async #endStray(): Promise<void> {
    const socket = await this.#socket();
    await guardSocket(socket);
    for (let worker = await this.#workerId(socket); worker !== null; worker = await this.#workerId(socket)) {
      process.kill(worker, 'SIGKILL');
      await this.#clock.wait(20);
    }
  }

  async #socket(): Promise<string> {
    return (await this.#read())?.adminSocket ?? runtimeSocketPath(this.directory);
  }

  get #configFile(): string {
    return path.join(this.directory, 'haproxy.cfg');
  }

  async #read(): Promise<Balancer | undefined> {
    const file = path.join(this.directory, 'balancer.json');
    const text = await ignoring(['ENOENT'], () => readFile(file, 'utf8'));
    return text === undefined ? undefined : balancerSchema.parse(JSON.parse(text));
  }

  async #write(balancer: Balancer): Promise<void> {
    await writeAtomically(this.#configFile, renderHaproxyConfig(balancer));
    await writeAtomically(path.join(this.directory, 'balancer.json'), JSON.stringify(balancer));
  }

  #during<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.during('the balancer', work, { patienceSeconds: 60 });
  }
}

const notRunning = { fix: 'Start it: lockstep local up ENV.', retry: true };
