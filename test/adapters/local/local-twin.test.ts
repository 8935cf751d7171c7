import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolve, type Settings } from '../../../infra/settings/config.ts';
import { isHostAlive } from '../../../scripts/adapters/local/local-host-power.ts';
import { LocalTwin } from '../../../scripts/adapters/local/local-twin.ts';
import { systemClock } from '../../../scripts/adapters/terminal/system-clock.ts';
import { hostProvisioningSchema } from '../../../scripts/domain/order/host-protocol.ts';
import { isAlive, processIdentitySchema } from '../../../scripts/machine/process-identity.ts';
import { describeFleet } from '../../support/contracts/fleet-contract.ts';
import { HostWorld } from '../../support/fakes/host-world.ts';

const server = `
const http = require('node:http');
http.createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : JSON.stringify({ env: process.env, filler: 'x'.repeat(30000) }));
}).listen(Number(process.env.PORT), process.env.HOST);
`;

function settingsOf(hosts: number): Settings {
  const resolved = resolve(
    {
      app: {
        name: 'sample',
        services: { web: { port: 8081, healthPath: '/health', longestRequestSeconds: 5 } },
      },
    },
    {
      name: 'here',
      values: {
        identity: {
          account: '111111111111',
          region: 'eu-central-1',
          cidr: '10.0.0.0/16',
          domain: 'here.example.org',
        },
        local: { hosts, llm: { baseUrl: 'http://127.0.0.1:9/v1', model: 'tiny' } },
      },
    },
    new Date(),
  );
  if (!resolved.ok) throw new TypeError(JSON.stringify(resolved.findings));
  return resolved.settings;
}

/** Records from the host tests, but with hosts of the local target. */
async function openTwin() {
  const world = await HostWorld.create();
  const directory = path.join(world.directory, 'twin');
  const twin = new LocalTwin({
    directory,
    store: world.store,
    storePath: world.store.root,
    secretsPath: world.provisioning.secrets.path,
    signer: world.signer,
    clock: systemClock,
    environment: { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` },
  });
  await world.secrets({});
  const release = await world.release(
    { 'server.js': server },
    { bindings: ['REDIS_URL', 'SHARED_DIR', 'PUBLIC_URL', 'LLM_MODEL'] },
  );
  const processOf = async (part: string) =>
    processIdentitySchema.parse(JSON.parse(await readFile(path.join(directory, part), 'utf8')));
  const close = async () => {
    await twin.down();
    await world.close();
  };
  return { world, twin, directory, release, processOf, close };
}

describe('the fleet of the local twin', () => {
  describeFleet('the local twin', async () => {
    const { world, twin, release, close } = await openTwin();
    const { publicUrl } = await twin.up(settingsOf(2));
    expect(publicUrl).toMatch(/^http:\/\/127\./);
    const order = await world.order(release);
    return {
      fleet: twin.fleet,
      hosts: ['here-1', 'here-2'],
      app: 'sample',
      order,
      async lose(host) {
        await world.outcome(order);
        await twin.killHost(host);
        expect(await isHostAlive(twin.rootOf(host))).toBe(false);
      },
      async regain(host) {
        expect(await twin.startHost(host)).toEqual([]);
        expect((await twin.traffic.states([host])).get(host)).toBe('in');
      },
      close,
    };
  });
});

describe('the local twin', () => {
  it('comes up again by the last committed order, grows, shrinks, and leaves no process', async () => {
    const { world, twin, directory, release, processOf, close } = await openTwin();
    try {
      const order = await world.order(release);
      await world.outcome(order);
      const up = await twin.up(settingsOf(1));
      expect(up.warnings).toEqual([]);
      expect((await twin.traffic.states(['here-1'])).get('here-1')).toBe('in');
      const answer = await fetch(`${up.publicUrl}/`);
      const { env } = (await answer.json()) as { env: Record<string, string> };
      expect(env).toMatchObject({ PUBLIC_URL: up.publicUrl, LLM_MODEL: 'tiny' });
      expect(env.REDIS_URL).toBe(`redis://${up.topology.redis.address}:${up.topology.redis.port}`);

      const [redis, haproxy] = [
        await processOf('redis/redis-server.process.json'),
        await processOf('balancer/haproxy.process.json'),
      ];
      const grown = await twin.up(settingsOf(2));
      expect(grown.warnings).toEqual([]);
      expect(grown.topology.redis).toEqual(up.topology.redis);
      expect(await processOf('redis/redis-server.process.json')).toEqual(redis);
      expect(await processOf('balancer/haproxy.process.json')).toEqual(haproxy);
      expect(Object.fromEntries(await twin.traffic.states(['here-1', 'here-2']))).toEqual({
        'here-1': 'in',
        'here-2': 'in',
      });
      const provisioning = hostProvisioningSchema.parse(
        JSON.parse(await readFile(path.join(twin.rootOf('here-2'), 'host.json'), 'utf8')),
      );
      expect(provisioning.address).not.toBe(up.topology.hosts[0]?.address);

      const shrunk = await twin.up(settingsOf(1));
      expect(shrunk.topology.hosts.map(({ name }) => name)).toEqual(['here-1']);
      expect(await isHostAlive(path.join(directory, 'hosts', 'here-2'))).toBe(false);
      expect((await fetch(`${up.publicUrl}/`)).status).toBe(200);

      await twin.down();
      expect(await isHostAlive(twin.rootOf('here-1'))).toBe(false);
      expect([await isAlive(redis), await isAlive(haproxy)]).toEqual([false, false]);
      await expect(twin.fleet.call('here-1', 'attest', { nonce: 'n'.repeat(16) })).rejects.toThrow('not up');
    } finally {
      await close();
    }
  });
});
