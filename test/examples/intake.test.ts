import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/adapters/local/loopback.ts';
import { readAppManifest } from '../../scripts/adapters/settings/app-manifest-file.ts';
import type { AppManifest } from '../../scripts/domain/app/app-manifest.ts';
import type { Verb, VerbAnswer, VerbRequest } from '../../scripts/domain/order/host-protocol.ts';
import { exchange } from '../../scripts/machine/http-exchange.ts';
import { type LlmStub, startLlmStub } from '../../scripts/rehearsal/llm-stub.ts';
import type { Fleet } from '../../scripts/workflows/ports/hosts.ts';
import { runSuites } from '../../scripts/workflows/smoke/smoke.ts';

/**
 * The sample app as real processes, with a real Redis and a model's stub: two hosts of two workers, each with
 * its own tree and temporary directory and one shared directory for uploads, as the agent lays them out. The
 * suites are the manifest's own.
 */
const app = path.resolve(import.meta.dirname, '../../examples/intake');
let root: string;
let redis: ChildProcess;
let redisUrl: string;
let llm: LlmStub;
let manifest: AppManifest;
const running: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'lockstep-intake-'));
  manifest = await readAppManifest(app);
  const built = path.join(root, 'built');
  await cp(app, built, { recursive: true, filter: (file) => !/\/(node_modules|uploads)$/.test(file) });
  const port = await freePort('127.0.0.1');
  redisUrl = `redis://127.0.0.1:${port}`;
  redis = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', root],
    {
      stdio: 'ignore',
    },
  );
  const [install = []] = manifest.build.steps;
  const [program = '', ...rest] = install;
  llm = await startLlmStub();
  await promisify(execFile)(program, rest, { cwd: built });
});

afterEach(() => Promise.all(running.splice(0).map(stop)));

afterAll(async () => {
  await stop(redis);
  await llm.close();
  await rm(root, { recursive: true, force: true });
});

describe('the intake app', () => {
  it('passes its own suites across two hosts of two workers', async () => {
    const hosts = await startHosts({});
    const results = await smoke(hosts, ['each-host', 'crossing']);
    expect(results.map(({ suite, failure }) => [suite, failure])).toEqual([
      ['alive', null],
      ['workflow', null],
    ]);
    // Both questions to the model, and the count in between, in every one of the sessions.
    expect(llm.completions()).toBeGreaterThanOrEqual(2 * 5);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['S5: sessions in the memory of a worker', { SESSION_STORE: 'memory' }, /session was lost.*REDIS_URL/],
    [
      'S5: sessions in files of one host',
      { SESSION_STORE: 'file' },
      /session was lost between hosts.*REDIS_URL/,
    ],
    ['S10: uploads on one host', { UPLOADS: 'local' }, /file of an earlier step.*directories\.shared/],
    [
      'S8: a stage that fails behind a healthy check',
      { FAULT_STAGE: 'ageGroup' },
      /200 with an error inside/,
    ],
  ])('%s: caught by the crossing suite, with its likely cause', async (_, fault, cause) => {
    const hosts = await startHosts(fault);
    const [alive, workflow] = await smoke(hosts, ['each-host', 'crossing']);
    expect(alive?.failure).toBeNull();
    expect(workflow?.passed).toBe(false);
    expect(workflow?.failure).toMatch(cause);
    expect(workflow?.failure).not.toMatch(/intake_session=[0-9a-f]/);
  });

  it('S11: names the model that the host does not serve', async () => {
    const hosts = await startHosts({ LLM_MODEL: 'another-model' });
    const [workflow] = await smoke(hosts, ['crossing']);
    expect(workflow?.failure).toContain('another-model');
  });

  it('S4: does not start without the address of Redis, and is not healthy while Redis is away', async () => {
    const without = await startHost('no-redis', { REDIS_URL: '' });
    const [code] = await once(without.child, 'exit');
    expect(code).toBe(1);
    expect(without.log()).toContain('REDIS_URL is missing');

    const [host] = [
      await startHost('redis-away', { REDIS_URL: `redis://127.0.0.1:${await freePort('127.0.0.1')}` }),
    ];
    await expect.poll(() => host.log(), { timeout: 20_000 }).toContain('ECONNREFUSED');
    await expect(get(host.base, '/health')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('S14: gives up, with the missing module in its log', async () => {
    const host = await startHost('module', { FAULT_MISSING_MODULE: 'yes' });
    const [code] = await once(host.child, 'exit');
    expect(code).toBe(1);
    expect(host.log()).toContain('not-in-this-branch');
    expect(host.log()).toContain('a worker could not start: giving up');
  });

  it('replaces a worker that dies, and the request it died in is lost', async () => {
    const host = await startHost('crash', { FAULT_CRASH_AFTER_REQUESTS: '0' }, { crashAfter: 3 });
    await healthy(host);
    const answers = [];
    for (let index = 0; index < 12; index++) {
      answers.push(
        await get(host.base, '/version').then(
          (answer) => answer.status,
          () => 'lost',
        ),
      );
    }
    expect(answers).toContain(200);
    expect(answers).toContain('lost');
    expect(host.log()).toContain('ended (70)');
  });

  it('ends requests in flight when it is stopped, and tells clients to come over another connection', async () => {
    const host = await startHost('stop', {});
    await healthy(host);
    const upload = http.request(new URL('/upload', host.base), {
      method: 'POST',
      agent: new http.Agent({ keepAlive: true }),
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    const file =
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nfacility_level,age_group\r\n';
    await new Promise((resolve) => upload.write(file, resolve));
    // The app has the beginning of the upload when it answers another request on the same machine after it.
    await get(host.base, '/version');
    host.child.kill('SIGTERM');
    await expect
      .poll(
        () =>
          get(host.base, '/health').then(
            () => 'open',
            () => 'closed',
          ),
        { timeout: 60_000 },
      )
      .toBe('closed');
    upload.end('--x--\r\n');
    const [response]: http.IncomingMessage[] = await once(upload, 'response');
    response?.resume();
    expect(response?.statusCode).toBe(201);
    expect(response?.headers.connection).toBe('close');
    if (host.child.exitCode === null) await once(host.child, 'exit');
    expect(host.child.exitCode).toBe(0);
  });
});

type RunningHost = { name: string; base: URL; child: ChildProcess; log: () => string };

async function startHosts(fault: Record<string, string>): Promise<RunningHost[]> {
  const hosts = await Promise.all(['host-1', 'host-2'].map((name) => startHost(name, fault)));
  await Promise.all(hosts.map(healthy));
  return hosts;
}

/** A host's own tree, with links to the shared directory and to the packages, and its own TMPDIR. */
async function startHost(
  name: string,
  fault: Record<string, string>,
  options: { crashAfter?: number } = {},
): Promise<RunningHost> {
  const home = await mkdtemp(path.join(root, `${name}-`));
  const [tree, shared] = [path.join(home, 'release'), path.join(root, 'shared')];
  await mkdir(shared, { recursive: true });
  await mkdir(path.join(home, 'tmp'));
  await cp(path.join(root, 'built'), tree, {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
  await symlink(path.join(root, 'built/node_modules'), path.join(tree, 'node_modules'));
  await symlink(shared, path.join(tree, 'uploads'));
  const port = await freePort('127.0.0.1');
  const child = spawn('node', ['src/main.ts', '--port', String(port), '--workers', '2'], {
    cwd: tree,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      TMPDIR: path.join(home, 'tmp'),
      PUBLIC_NAME: name,
      PUBLIC_URL: 'http://127.0.0.1',
      SESSION_KEY: 'k'.repeat(32),
      REDIS_URL: redisUrl,
      LLM_BASE_URL: llm.url,
      LLM_MODEL: llm.model,
      LLM_TEMPERATURE: '0.2',
      ...fault,
      ...((options.crashAfter === undefined
        ? {}
        : { FAULT_CRASH_AFTER_REQUESTS: String(options.crashAfter) }) satisfies NodeJS.ProcessEnv),
    },
  });
  running.push(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  return { name, base: new URL(`http://127.0.0.1:${port}`), child, log: () => log };
}

async function healthy({ base, log }: RunningHost): Promise<void> {
  await expect
    .poll(
      () =>
        get(base, '/health').then(
          ({ status }) => status,
          () => log(),
        ),
      { timeout: 45_000, interval: 100 },
    )
    .toBe(200);
}

function get(base: URL, target: string) {
  return exchange(base, { method: 'GET', path: target, headers: {}, body: null, timeoutSeconds: 10 });
}

function smoke(hosts: readonly RunningHost[], which: Parameters<typeof runSuites>[0]['which']) {
  const fleet: Pick<Fleet, 'call'> = {
    async call<V extends Verb>(name: string, verb: V, request: VerbRequest<V>): Promise<VerbAnswer<V>> {
      const host = hosts.find((each) => each.name === name);
      if (host === undefined || verb !== 'probe') throw new Error(`unexpected call to ${name}`);
      const { requests } = request as VerbRequest<'probe'>;
      const responses = await Promise.all(requests.map((one) => exchange(host.base, one)));
      return { responses } as VerbAnswer<V>;
    },
  };
  return runSuites({
    environment: {
      name: 'staging',
      balancerCookies: [],
      ports: {
        fleet,
        probe: { send: () => Promise.reject(new Error('there is no balancer here')) },
        clock: { now: () => new Date() },
      },
    },
    manifest,
    hosts: hosts.map(({ name }) => name),
    which,
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
