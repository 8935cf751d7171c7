import { appendFile, chmod, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../scripts/domain/canonical.ts';
import { storeKeys } from '../../scripts/domain/store-keys.ts';
import { hostProcesses } from '../../scripts/host/services/local/host-processes.ts';
import { until } from '../support/contracts/supervisor-contract.ts';
import { HostWorld } from '../support/fakes/host-world.ts';
import { webServer, webService } from '../support/fakes/world-records.ts';

const nonce = 'n'.repeat(16);
const app = {
  env: { GREETING: {}, PLACE: { perEnvironment: true } },
  secrets: { API_KEY: {} },
  bindings: ['REDIS_URL'],
  directories: { shared: ['uploads'], scratch: ['data/cache'] },
  services: {
    web: webService,
    worker: { command: ['node', 'worker.js', '${RELEASE_DIR}', '${PORT}'] },
  },
};
const files = {
  'server.js': webServer,
  'worker.js': 'console.log(...process.argv.slice(2)); setInterval(() => {}, 1000);',
  'data/readme.txt': 'scratch beside me',
};
const values = { GREETING: 'good day', PLACE: 'here' };

/** One host's life, in the order in which it would go: each test stands on the one before. */
describe('the host agent', () => {
  let world: HostWorld;
  let release = '';
  const secrets = (version: number) => [{ name: 'API_KEY', version }];
  const path1 = () => path.join(world.root, 'releases', `${release}.1`);

  beforeAll(async () => {
    world = await HostWorld.create();
    await world.provision({ bindings: { REDIS_URL: 'redis://:pass-word@127.0.0.1:6379/0' } });
    await world.secrets({ API_KEY: { '1': 'key-number-one', '2': 'key-number-two' } });
    release = await world.release(files, app);
  });
  afterAll(() => world.close());

  test('counts what a release would cost, and changes nothing', async () => {
    const plan = await world.call('stage', { planRelease: release });
    expect(plan).toMatchObject({ filesReused: 0, filesFetched: 3 });
    expect(plan.bytesFetched).toBeGreaterThan(0);
    expect(await readdir(world.root)).not.toContain('releases');
  });

  test('stages an order: a read-only tree under its digest, its links leading to what is writable', async () => {
    await world.order(release, { values, secrets: secrets(1) });
    const { code, output } = await world.run('stage', { order: 1 });
    expect(code).toBe(0);
    expect(output).toMatchObject({ outcome: 'answer', answer: { filesFetched: 3 } });
    expect(await readFile(path.join(path1(), 'server.js'), 'utf8')).toBe(webServer);
    expect(await readlink(path.join(path1(), 'uploads'))).toBe('../../shared/uploads');
    expect(await readlink(path.join(path1(), 'data/cache'))).toBe('../../../scratch/data/cache');
    expect(await world.call('stage', { order: 1 })).toMatchObject({ filesFetched: 0, bytesFetched: 0 });
  });

  test('activates it: services get their environment and nothing of the agent', async () => {
    expect(await world.call('activate', { order: 1 })).toEqual({
      changed: true,
      healthy: true,
      failure: null,
    });
    const { cwd, env } = await world.ask();
    expect(cwd).toBe(path1());
    expect(env).toEqual({
      ...values,
      API_KEY: 'key-number-one',
      REDIS_URL: 'redis://:pass-word@127.0.0.1:6379/0',
      WEB_URL: `http://127.0.0.1:${world.port}`,
      PORT: String(world.port),
      HOST: '127.0.0.1',
      WORKERS: '1',
      RELEASE_DIR: path1(),
      SHARED_DIR: world.provisioning.sharedDirectory,
      HOME: path.join(world.root, 'scratch/.home'),
      TMPDIR: path.join(world.root, 'scratch/.tmp'),
      PATH: env.PATH,
      TZ: 'UTC',
      LANG: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
    });
    await writeFile(path.join(path1(), 'uploads', 'kept.txt'), 'x');
    expect(await readdir(path.join(world.provisioning.sharedDirectory, 'uploads'))).toEqual(['kept.txt']);
  });

  test('keeps secrets to files that only its own user reads, and shows logs without them', async () => {
    const file = path.join(world.root, 'current', 'environment', 'web.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await until(async () => (await world.call('logs', { service: null, lines: 10 })).lines.length === 2);
    const { lines } = await world.call('logs', { service: null, lines: 10 });
    expect(lines[0]).toBe('web: listening as good day [API_KEY]');
    expect(lines[1]).toBe(`worker: ${path1()} `);
    expect((await world.call('logs', { service: '../host', lines: 10 })).lines).toEqual([]);
  });

  test('attests what it runs, and keeps a copy without hashes of secrets', async () => {
    const answer = await world.call('attest', { nonce });
    expect(answer).toMatchObject({
      app: 'sample',
      environment: 'here',
      host: 'host-1',
      fence: 1,
      order: 1,
      release,
      damage: { count: 0 },
      configValues: values,
      bindings: { REDIS_URL: 'redis://127.0.0.1:6379/0' },
      agent: world.agent,
    });
    expect((await world.run('attest', { nonce })).output).toMatchObject({ answer: { agent: world.agent } });
    expect(answer.config).toBe(world.lastOrder().config);
    expect(answer.secrets).toEqual([
      { name: 'API_KEY', version: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(answer.processes.map(({ service }) => service)).toEqual(['web', 'worker']);
    expect(answer.sharedDirectory).toMatch(/^[0-9a-f-]{36}$/);
    expect((await world.call('attest', { nonce })).at > answer.at).toBe(true);
    const stored = await world.store.get('apps/sample/environments/here/hosts/host-1.json');
    expect(JSON.parse(Buffer.from(stored?.body ?? []).toString())).toEqual({
      ...answer,
      at: expect.any(String),
      secrets: [{ name: 'API_KEY', version: 1, hash: null }],
    });
  });

  test('carries requests to a service, each over a connection of its own', async () => {
    const request = {
      method: 'POST',
      path: '/form',
      headers: {},
      body: Buffer.alloc(3000).toString('base64'),
      timeoutSeconds: 20,
    };
    const requests = [request, { ...request, path: '/form?again' }];
    const { responses } = await world.call('probe', { service: 'web', requests });
    for (const answer of responses) {
      if ('error' in answer) throw new Error(answer.error);
      expect(answer).toMatchObject({ status: 200, setCookies: ['a=1', 'b=2'], truncated: false });
      expect(JSON.parse(Buffer.from(answer.body, 'base64').toString())).toMatchObject({ size: 3000 });
    }
    expect(responses).toHaveLength(requests.length);
    await expect(world.call('probe', { service: 'worker', requests })).rejects.toThrow(
      'no service "worker" with a port',
    );
  });

  test('answers through the store what is too long for a line', async () => {
    await appendFile(path.join(world.root, 'logs', 'web.log'), `${'long '.repeat(300)}\n`.repeat(30));
    const { output } = await world.run('logs', { service: 'web', lines: 30 });
    if (output.outcome !== 'stored') throw new Error(output.outcome);
    const stored = await world.store.get(storeKeys.answer(world.app, 'here', output.id));
    expect(sha256(stored?.body ?? '')).toBe(output.sha256);
    expect(JSON.parse(Buffer.from(stored?.body ?? []).toString()).lines).toHaveLength(30);
  });

  test('records an order of equal content without a restart', async () => {
    const before = await world.ask();
    await world.order(release, { values, secrets: secrets(1) });
    await world.call('stage', { order: 2 });
    expect(await world.call('activate', { order: 2 })).toEqual({
      changed: false,
      healthy: true,
      failure: null,
    });
    expect((await world.ask()).pid).toBe(before.pid);
    expect(await readlink(path.join(world.root, 'current'))).toBe('activations/2');
  });

  test('refuses an order lower than one it has seen', async () => {
    const { code, output } = await world.run('stage', { order: 1 });
    expect(code).toBe(3);
    expect(output).toMatchObject({ outcome: 'error', kind: 'refused' });
    await expect(world.call('activate', { order: 1 })).rejects.toThrow('already seen order 2');
    await expect(world.call('deactivate', { order: 1 })).rejects.toThrow('already seen order 2');
  });

  test('names what was changed by hand, and replaces it by a fresh copy without touching the damaged one', async () => {
    await chmod(path.join(path1(), 'server.js'), 0o644);
    await appendFile(path.join(path1(), 'server.js'), '// quick fix');
    await writeFile(path.join(path1(), 'debug.log'), '');
    const { damage } = await world.call('attest', { nonce });
    expect(damage).toEqual({ changed: ['server.js'], missing: [], extra: ['debug.log'], count: 2 });

    await world.order(release, { values, secrets: secrets(2) });
    expect(await world.call('stage', { order: 3 })).toMatchObject({ filesReused: 2, filesFetched: 1 });
    expect(await world.call('activate', { order: 3 })).toMatchObject({ changed: true, healthy: true });
    const { cwd, env } = await world.ask();
    expect(cwd).toBe(path.join(world.root, 'releases', `${release}.2`));
    expect(env.API_KEY).toBe('key-number-two');
    expect((await world.call('attest', { nonce })).damage.count).toBe(0);
  });

  test('boots by the last committed order after it was lost, whatever its fence says', async () => {
    await world.outcome(2);
    await world.kill();
    await until(async () => (await hostProcesses(world.root)).services.length === 0);
    const { code, output } = await world.run('boot', {});
    expect({ code, output }).toEqual({
      code: 0,
      output: { outcome: 'answer', answer: { order: 2, healthy: true } },
    });
    const answer = await world.call('attest', { nonce });
    expect(answer).toMatchObject({ order: 2, fence: 3, release, damage: { count: 0 } });
    expect((await world.ask()).env.API_KEY).toBe('key-number-one');
  });

  test('says why a release does not come up, with its last log lines and no secret in them', async () => {
    const broken = await world.release(
      { ...files, 'server.js': 'console.log("key", process.env.API_KEY); require("left-out");' },
      app,
    );
    await world.order(broken, { values, secrets: secrets(1) });
    await world.call('stage', { order: 4 });
    const answer = await world.call('activate', { order: 4 });
    expect(answer).toMatchObject({ changed: true, healthy: false, failure: { service: 'web' } });
    expect(answer.failure?.log.join('\n')).toContain("Cannot find module 'left-out'");
    expect(answer.failure?.log).toContain('key [API_KEY]');
  });

  test('stops everything where there is nothing to go back to', async () => {
    expect(await world.call('deactivate', { order: 4 })).toEqual({ stopped: ['web', 'worker'] });
    expect(await world.call('deactivate', { order: 4 })).toEqual({ stopped: [] });
    const answer = await world.call('attest', { nonce });
    expect(answer).toMatchObject({ order: null, release: null, processes: [], config: null });
    const { supervisor, services } = await hostProcesses(world.root);
    expect({ supervisor, services }).toEqual({ supervisor: null, services: [] });
  });
});
