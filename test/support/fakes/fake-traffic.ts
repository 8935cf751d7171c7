import type { RotationState, Traffic } from '../../../scripts/workflows/ports/traffic.ts';

type Asked = 'out' | 'drain' | 'in' | 'healthy?';

/** A balancer that remembers who is in, and what it was asked; it can be told what goes wrong there. */
export class FakeTraffic implements Traffic {
  readonly in = new Set<string>();
  /** `out HOST`, `drain HOST`, `in HOST`, `healthy? HOST`, in order. */
  readonly history: string[] = [];
  /** Hosts whose requests in flight don't end before the time runs out. */
  readonly neverDrain = new Set<string>();
  /** Hosts that are put in and that the balancer does not see healthy. */
  readonly neverHealthy = new Set<string>();
  /** The fewest hosts that were in rotation at once since the first was put in. */
  fewest = Number.POSITIVE_INFINITY;
  /** Called before each answer: a test's hook for signals and failures. */
  onCall: (asked: Asked, host: string) => void | Promise<void> = () => {};

  async states(hosts: readonly string[]): Promise<ReadonlyMap<string, RotationState>> {
    return new Map(hosts.map((host) => [host, this.#stateOf(host)]));
  }

  async takeOut(host: string): Promise<void> {
    await this.#asked('out', host);
    this.in.delete(host);
    this.fewest = Math.min(this.fewest, this.in.size);
  }

  async waitDrained(host: string, _timeoutSeconds: number, signal?: AbortSignal): Promise<boolean> {
    await this.#asked('drain', host);
    signal?.throwIfAborted();
    return !this.neverDrain.has(host);
  }

  async putIn(host: string): Promise<void> {
    await this.#asked('in', host);
    this.in.add(host);
  }

  async waitHealthy(host: string): Promise<boolean> {
    await this.#asked('healthy?', host);
    return this.in.has(host) && !this.neverHealthy.has(host);
  }

  #stateOf(host: string): RotationState {
    if (!this.in.has(host)) return 'out';
    return this.neverHealthy.has(host) ? 'unhealthy' : 'in';
  }

  async #asked(asked: Asked, host: string): Promise<void> {
    this.history.push(`${asked} ${host}`);
    await this.onCall(asked, host);
  }
}
