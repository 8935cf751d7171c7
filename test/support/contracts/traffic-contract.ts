import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from '../../../scripts/machine/http-exchange.ts';
import type { Traffic } from '../../../scripts/workflows/ports/traffic.ts';

/**
 * A balancer with hosts behind it that all start out of rotation; each answers its own name on every path.
 */
export type TrafficWorld = {
  traffic: Traffic;
  /** At least two. */
  hosts: readonly [string, string, ...string[]];
  base: URL;
  /** How many requests each host has been sent. */
  requests(host: string): number;
  setHealthy(host: string, healthy: boolean): void;
  /** Lets the requests to `/slow` be answered; until then they are in flight. */
  finishSlow(): void;
  /** Loses the balancer as hard as the target can, and brings it back. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

/** For a machine that is busy with other things; an idle one needs a fraction. */
const patienceSeconds = 60;

/** What every implementation of the Traffic port must do. */
export function describeTraffic(name: string, open: () => Promise<TrafficWorld>): void {
  describe(`${name} as balancer`, () => {
    let world: TrafficWorld;
    const send = async (path: string, cookie?: string, method = 'GET') => {
      const answer = await exchange(world.base, {
        method,
        path,
        headers: cookie === undefined ? {} : { cookie },
        body: null,
        timeoutSeconds: 60,
      });
      return {
        status: answer.status,
        host: Buffer.from(answer.body, 'base64').toString(),
        cookie: answer.setCookies[0]?.split(';')[0],
      };
    };
    const putIn = async (host: string) => {
      await world.traffic.putIn(host);
      expect(await world.traffic.waitHealthy(host, patienceSeconds)).toBe(true);
    };

    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world?.close());

    it('starts with every host out of rotation and knows nothing of others', async () => {
      const states = await world.traffic.states([...world.hosts, 'stranger']);
      for (const host of world.hosts) expect(states.get(host)).toBe('out');
      expect(states.get('stranger')).toBe('unknown');
      await expect(world.traffic.takeOut('stranger')).rejects.toThrow('stranger');
    });

    it('puts no host in that fails its health check', async () => {
      const [first] = world.hosts;
      world.setHealthy(first, false);
      await expect(world.traffic.putIn(first)).rejects.toThrow(first);
      expect((await world.traffic.states([first])).get(first)).toBe('out');
      world.setHealthy(first, true);
    });

    it('keeps a client with its host until that host leaves, and sends it elsewhere at once then', async () => {
      for (const host of world.hosts) await putIn(host);
      const { host, cookie } = await send('/');
      for (let n = 0; n < 6; n++) expect((await send('/', cookie)).host).toBe(host);
      await world.traffic.takeOut(host);
      const before = world.requests(host);
      for (let n = 0; n < 6; n++) {
        const answer = await send('/', cookie);
        expect(answer.status).toBe(200);
        expect(answer.host).not.toBe(host);
      }
      expect(world.requests(host)).toBe(before);
      expect((await world.traffic.states([host])).get(host)).toBe('out');
      await putIn(host);
    });

    it('lets a request in flight finish and says when the last one has', async () => {
      const { host, cookie } = await send('/');
      const slow = send('/slow', cookie, 'POST');
      const before = world.requests(host);
      await expect
        .poll(() => world.requests(host), { interval: 10, timeout: patienceSeconds * 1000 })
        .toBe(before + 1);
      await world.traffic.takeOut(host);
      expect(await world.traffic.waitDrained(host, 0.1)).toBe(false);
      world.finishSlow();
      expect(await world.traffic.waitDrained(host, patienceSeconds)).toBe(true);
      expect(await slow).toMatchObject({ status: 200, host });
      await putIn(host);
    });

    it('loses no request of a steady load while hosts leave and come back', async () => {
      for (const host of world.hosts) await putIn(host);
      let going = true;
      const failures: string[] = [];
      let sent = 0;
      const client = async (method: string) => {
        let cookie: string | undefined;
        while (going) {
          const answer = await send('/', cookie, method).catch((error: unknown) => ({
            status: 0,
            host: String(error),
            cookie,
          }));
          cookie = answer.cookie ?? cookie;
          sent++;
          if (answer.status !== 200) failures.push(`${answer.status} ${answer.host}`);
        }
      };
      const load = ['GET', 'POST', 'GET', 'POST'].map(client);
      for (const host of world.hosts) {
        await world.traffic.takeOut(host);
        expect(await world.traffic.waitDrained(host, patienceSeconds)).toBe(true);
        await putIn(host);
      }
      going = false;
      await Promise.all(load);
      expect(failures).toEqual([]);
      expect(sent).toBeGreaterThan(20);
    });

    it('sees a host become unhealthy and healthy again', async () => {
      const [first] = world.hosts;
      world.setHealthy(first, false);
      const state = async () => (await world.traffic.states([first])).get(first);
      await expect.poll(state, { timeout: patienceSeconds * 1000 }).toBe('unhealthy');
      expect(await world.traffic.waitHealthy(first, 0.1)).toBe(false);
      world.setHealthy(first, true);
      expect(await world.traffic.waitHealthy(first, patienceSeconds)).toBe(true);
    });

    it('remembers over a crash of its own who was out', async () => {
      const [first, second] = world.hosts;
      await world.traffic.takeOut(first);
      await world.restart();
      const states = await world.traffic.states([first, second]);
      expect(states.get(first)).toBe('out');
      expect(await world.traffic.waitHealthy(second, patienceSeconds)).toBe(true);
      for (let n = 0; n < 4; n++) expect((await send('/')).host).not.toBe(first);
      await putIn(first);
    });
  });
}
