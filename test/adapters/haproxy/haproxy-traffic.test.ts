import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HaproxyProcess } from '../../../scripts/adapters/haproxy/haproxy-process.ts';
import { HaproxyTraffic } from '../../../scripts/adapters/haproxy/haproxy-traffic.ts';
import { freePort } from '../../../scripts/adapters/local/loopback.ts';
import { systemClock } from '../../../scripts/adapters/terminal/system-clock.ts';
import { isAlive, processIdentitySchema, signalProcess } from '../../../scripts/machine/process-identity.ts';
import { describeTraffic } from '../../support/contracts/traffic-contract.ts';

const address = '127.0.0.1';
const searchPath = process.env.PATH ?? '';

const slow = new EventEmitter();

async function startHost(name: string) {
  const state = { healthy: true, requests: 0 };
  const server = http.createServer((request, response) => {
    if (request.url === '/health') {
      response.writeHead(state.healthy ? 200 : 503).end();
      return;
    }
    state.requests++;
    if (request.url === '/slow') slow.once('finish', () => response.end(name));
    else response.end(name);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, address, resolve);
  await promise;
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('no port');
  return { name, address, port: bound.port, state, server };
}

const processOf = async (directory: string) =>
  processIdentitySchema.parse(
    JSON.parse(await readFile(path.join(directory, 'haproxy.process.json'), 'utf8')),
  );

describeTraffic('HAProxy', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-traffic-'));
  const hosts = await Promise.all(['staging-1', 'staging-2'].map(startHost));
  const balancer = new HaproxyProcess(directory, searchPath, systemClock);
  const wish = {
    bind: { address, port: await freePort(address) },
    healthPath: '/health',
    longestRequestSeconds: 60,
    servers: hosts.map(({ name, port }) => ({ name, address, port })),
  };
  await balancer.ensure(wish);
  const stateOf = (host: string) => {
    const found = hosts.find(({ name }) => name === host);
    if (found === undefined) throw new TypeError(host);
    return found.state;
  };
  return {
    traffic: new HaproxyTraffic(balancer, systemClock),
    hosts: ['staging-1', 'staging-2'],
    base: new URL(`http://${address}:${wish.bind.port}`),
    requests: (host) => stateOf(host).requests,
    setHealthy: (host, healthy) => {
      stateOf(host).healthy = healthy;
    },
    finishSlow: () => void slow.emit('finish'),
    async restart() {
      const identity = await processOf(directory);
      await signalProcess(identity, 'SIGKILL');
      await balancer.ensure(wish);
    },
    async close() {
      await balancer.stop();
      for (const { server } of hosts) server.close();
      await rm(directory, { recursive: true });
    },
  };
});

describe('the balancer of a local environment', () => {
  let directory: string;
  let balancer: HaproxyProcess;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-balancer-'));
    balancer = new HaproxyProcess(directory, searchPath, systemClock);
  });
  afterAll(async () => {
    await balancer.stop();
    await rm(directory, { recursive: true });
  });

  it('is adopted while it runs, grows by a reload that keeps who is in, and leaves no process', async () => {
    const [one, two] = [await startHost('staging-1'), await startHost('staging-2')];
    const server = ({ name, port }: typeof one) => ({ name, address, port });
    const wish = {
      bind: { address, port: await freePort(address) },
      healthPath: '/health',
      longestRequestSeconds: 60,
    };
    await balancer.ensure({ ...wish, servers: [server(one)] });
    const first = await processOf(directory);
    const traffic = new HaproxyTraffic(balancer, systemClock);
    await traffic.putIn('staging-1');
    await balancer.ensure({ ...wish, servers: [server(one)] });
    await balancer.ensure({ ...wish, servers: [server(one), server(two)] });
    expect(await processOf(directory)).toEqual(first);
    expect(Object.fromEntries(await traffic.states(['staging-1', 'staging-2']))).toEqual({
      'staging-1': 'in',
      'staging-2': 'out',
    });
    await balancer.stop();
    expect(await isAlive(first)).toBe(false);
    one.server.close();
    two.server.close();
  });
});
