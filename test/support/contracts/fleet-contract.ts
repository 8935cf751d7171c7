import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, HostUnreachable } from '../../../scripts/workflows/ports/hosts.ts';

/**
 * A fleet of at least two hosts with an app whose service `web` answers GET / with more than 24,000
 * characters.
 */
export type FleetWorld = {
  fleet: Fleet;
  /** Sorted, as the inventory gives them. */
  hosts: readonly [string, string, ...string[]];
  app: string;
  /** An order that is written but not yet seen by any host. */
  order: number;
  /** Loses a host and starts it again. */
  lose(host: string): Promise<void>;
  regain(host: string): Promise<void>;
  close(): Promise<void>;
};

/** What every implementation of the Fleet port must do. */
export function describeFleet(name: string, open: () => Promise<FleetWorld>): void {
  describe(`${name} as fleet`, () => {
    let world: FleetWorld;
    const nonce = () => randomBytes(16).toString('hex');
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world?.close());

    it('lists its hosts, sorted', async () => {
      expect(await world.fleet.inventory()).toEqual(world.hosts.map((host) => ({ name: host })));
    });

    it('carries verbs to each host and their answers back, also those too long for an output', async () => {
      for (const host of world.hosts) {
        await world.fleet.call(host, 'stage', { order: world.order });
        expect(await world.fleet.call(host, 'activate', { order: world.order })).toMatchObject({
          changed: true,
          healthy: true,
        });
        const asked = nonce();
        const attested = await world.fleet.call(host, 'attest', { nonce: asked });
        expect(attested).toMatchObject({ app: world.app, host, nonce: asked, order: world.order });
        expect(attested.damage.count).toBe(0);
      }
      const request = { method: 'GET', path: '/', headers: {}, body: null, timeoutSeconds: 10 };
      const asked = { service: 'web', requests: [request, request] };
      const { responses } = await world.fleet.call(world.hosts[0], 'probe', asked);
      expect(responses).toMatchObject([{ status: 200 }, { status: 200 }]);
      expect(JSON.stringify(responses[0]).length).toBeGreaterThan(24_000);
    });

    it("throws the agent's own error, with its kind and fix", async () => {
      const call = world.fleet.call(world.hosts[0], 'stage', { order: world.order + 1000 });
      await expect(call).rejects.toMatchObject({ name: 'LockstepError' });
      await expect(call).rejects.not.toBeInstanceOf(HostUnreachable);
    });

    it('says that a host is unreachable while it is lost, still lists it, and reaches it afterwards', async () => {
      const [first, second] = world.hosts;
      await world.lose(first);
      const call = world.fleet.call(first, 'attest', { nonce: nonce() });
      await expect(call).rejects.toBeInstanceOf(HostUnreachable);
      expect(await world.fleet.inventory()).toHaveLength(world.hosts.length);
      expect((await world.fleet.call(second, 'attest', { nonce: nonce() })).host).toBe(second);
      await world.regain(first);
      expect((await world.fleet.call(first, 'attest', { nonce: nonce() })).order).toBe(world.order);
      await expect(world.fleet.call('stranger', 'attest', { nonce: nonce() })).rejects.toBeInstanceOf(
        HostUnreachable,
      );
    });

    it('ends a call when its signal is aborted, with the reason', async () => {
      const controller = new AbortController();
      controller.abort(new Error('enough'));
      await expect(
        world.fleet.call(world.hosts[0], 'attest', { nonce: nonce() }, controller.signal),
      ).rejects.toThrow('enough');
    });
  });
}
