import type { RotationState, Traffic } from '../../../scripts/workflows/ports/traffic.ts';

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
