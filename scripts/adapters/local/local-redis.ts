import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { writeAtomically } from '../../machine/atomic-file.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import { Daemon } from '../processes/daemon.ts';
import type { Endpoint } from './local-topology.ts';

/**
 * Commands that ElastiCache doesn't offer either: an app that needs one must fail here, not first in the
 * cloud.
 */
const absentCommands = ['CONFIG', 'DEBUG', 'MIGRATE', 'MODULE', 'REPLICAOF', 'SAVE', 'SHUTDOWN', 'SLAVEOF'];

/** A Redis of one environment's own. Sessions live as long as it runs: nothing is written to disk. */
export class LocalRedis {
  readonly #directory: string;
  readonly #daemon: Daemon;

  constructor(directory: string, searchPath: string, clock: Clock) {
    this.#directory = directory;
    this.#daemon = new Daemon({ name: 'redis-server', directory, environment: { PATH: searchPath }, clock });
  }

  async isRunning(): Promise<boolean> {
    return (await this.#daemon.running()) !== undefined;
  }

  /** Starts it, or leaves a running one alone. */
  async ensure(endpoint: Endpoint): Promise<void> {
    if ((await this.isRunning()) && (await answersPing(endpoint))) return;
    await this.#daemon.stop('SIGTERM', 5);
    const file = path.join(this.#directory, 'redis.conf');
    await writeAtomically(file, renderRedisConfig(endpoint));
    await this.#daemon.start(['redis-server', file], () => answersPing(endpoint));
  }

  async stop(): Promise<void> {
    await this.#daemon.stop('SIGTERM', 5);
  }
}

/** `noeviction`: a full Redis refuses writes instead of losing sessions without a word. */
function renderRedisConfig({ address, port }: Endpoint): string {
  return [
    `bind ${address}`,
    `port ${port}`,
    'protected-mode no',
    'daemonize no',
    'save ""',
    'appendonly no',
    // Several environments may idle beside each other: fewer wake-ups, expiry is checked at each access
    // anyway.
    'hz 1',
    'maxmemory 256mb',
    'maxmemory-policy noeviction',
    ...absentCommands.map((command) => `rename-command ${command} ""`),
    '',
  ].join('\n');
}

async function answersPing({ address, port }: Endpoint): Promise<boolean> {
  const connection = net.createConnection({ host: address, port });
  connection.setTimeout(2000, () => connection.destroy());
  connection.end('PING\r\nQUIT\r\n');
  return (await text(connection).catch(() => '')).startsWith('+PONG');
}
