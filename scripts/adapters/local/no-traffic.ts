import type { RotationState, Traffic } from '../../workflows/ports/traffic.ts';

/** For an app without a public service (queue workers): no requests come, so nobody has to leave. */
export class NoTraffic implements Traffic {
  async states(hosts: readonly string[]): Promise<ReadonlyMap<string, RotationState>> {
    return new Map(hosts.map((host) => [host, 'in']));
  }
  async takeOut(): Promise<void> {}
  async waitDrained(): Promise<boolean> {
    return true;
  }
  async putIn(): Promise<void> {}
  async waitHealthy(): Promise<boolean> {
    return true;
  }
}
