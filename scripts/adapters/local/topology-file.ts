import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { usage } from '../../domain/errors.ts';
import { writeAtomically } from '../../machine/atomic-file.ts';
import { ignoring } from '../../machine/system-error.ts';
import { type LocalHost, type Topology, topologySchema } from './local-topology.ts';

/** `topology.json` of one local environment. Whoever changes it holds the environment's lock. */
export class TopologyFile {
  readonly #file: string;
  readonly #environment: string;

  constructor(directory: string) {
    this.#file = path.join(directory, 'topology.json');
    this.#environment = path.basename(directory);
  }

  /** Undefined where the environment was never up. */
  async find(): Promise<Topology | undefined> {
    const text = await ignoring(['ENOENT'], () => readFile(this.#file, 'utf8'));
    return text === undefined ? undefined : topologySchema.parse(JSON.parse(text));
  }

  /** @throws LockstepError usage where the environment was never up. */
  async read(): Promise<Topology> {
    const found = await this.find();
    if (found !== undefined) return found;
    throw usage(`${this.#environment} has never been up on this machine`, {
      fix: `Start it: lockstep local up ${this.#environment}.`,
    });
  }

  write(topology: Topology): Promise<void> {
    return writeAtomically(this.#file, JSON.stringify(topology, null, 2));
  }

  /** Changes one host's record. @throws LockstepError usage for a host that isn't there. */
  async change(
    name: string,
    change: Partial<Pick<LocalHost, 'lost' | 'poweredOn'>>,
  ): Promise<{ topology: Topology; host: LocalHost }> {
    const before = await this.read();
    const hosts = before.hosts.map((host) => (host.name === name ? { ...host, ...change } : host));
    const host = hosts.find((each) => each.name === name);
    if (host === undefined) {
      throw usage(`${this.#environment} has no host ${JSON.stringify(name)}`, {
        details: [`hosts: ${hosts.map((each) => each.name).join(', ')}`],
      });
    }
    const topology = { ...before, hosts };
    await this.write(topology);
    return { topology, host };
  }
}
