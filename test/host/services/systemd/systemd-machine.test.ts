import { chmodSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleAgent } from '../../../../scripts/adapters/build/agent-bundle.ts';
import {
  agentNodeOptions,
  agentOutputSchema,
  type HostProvisioning,
  type Verb,
  type VerbAnswer,
  type VerbRequest,
  verbs,
} from '../../../../scripts/domain/order/host-protocol.ts';
import { until } from '../../../support/contracts/supervisor-contract.ts';
import { WorldRecords, webService } from '../../../support/fakes/world-records.ts';
import { skippedBecause } from '../../../support/run/skipped-because.ts';
import {
  BootMachine,
  mountsUnder,
  prepareRoot,
  whyNoMachine,
} from '../../../support/servers/boot-machine.ts';

const repository = path.join(import.meta.dirname, '../../../..');
const modules = realpathSync(path.join(repository, 'node_modules'));
const root = '/var/lib/lockstep';
const node = '/opt/lockstep/node/bin/node';
const searchPath = '/opt/lockstep/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const apiKey = 'two\nlines, "quotes", $HOME and 100%n';

/** Answers who it is and where it may write. */
const server = `
const { writeFileSync } = require('node:fs');
const write = (file) => { try { writeFileSync(file, 'x'); return 'written'; } catch (error) { return error.code; } };
require('node:http').createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  const files = ['uploads/a', 'data/cache/a', process.env.TMPDIR + '/a', process.env.HOME + '/a', 'a', '${root}/a', '/etc/a'];
  const { pid, env } = process;
  response.end(JSON.stringify({ pid, env, uid: process.getuid(), files: files.map(write) }));
}).listen(Number(process.env.PORT), process.env.HOST);
`;
const app = {
  secrets: { API_KEY: {} },
  directories: { shared: ['uploads'], scratch: ['data/cache'] },
  services: { web: webService, worker: { command: ['sleep', 'infinity'] } },
};

/**
 * A host's life under a real systemd: the supervisor's contract, and the bundled agent with records of a real
 * store in a directory. `aws` is a stand-in. Not proved here: Amazon Linux, EFS, SELinux.
 */
describe('a host under systemd', skippedBecause(whyNoMachine()), () => {
  let machine: BootMachine;
  let world: WorldRecords;
  let release: string;
  const inside = (file: string) => path.join(machine.root, file);

  beforeAll(async () => {
    prepareRoot();
    machine = new BootMachine([
      `${process.execPath}:${node}`,
      `${repository}:${repository}`,
      ...(modules.startsWith(`${repository}/`) ? [] : [`${modules}:${modules}`]),
    ]);
    mkdirSync(inside(root), { recursive: true });
    mkdirSync(inside('opt/lockstep'), { recursive: true });
    writeFileSync(inside('opt/lockstep/agent.mjs'), (await bundleAgent()).bytes);
    writeFileSync(
      inside('usr/bin/aws'),
      `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ SecretString: apiKey })}\nEND\n`,
    );
    chmodSync(inside('usr/bin/aws'), 0o755);
    world = new WorldRecords(inside('store'));
    writeFileSync(inside(`${root}/host.json`), JSON.stringify(await provisioning()));
    release = await world.release({ 'server.js': server }, app, { libc: 'glibc 2.28' });
    await machine.start();
    // As the boot script does.
    const made = machine.run(
      'groupadd -g 10001 lockstep && useradd -u 10001 -g lockstep -M -d / -s /sbin/nologin lockstep && install -d -o lockstep -g lockstep /srv/lockstep/shared',
    );
    expect(made).toEqual({ status: 0, output: '' });
  });

  afterAll(async () => {
    await machine.remove();
    expect(mountsUnder(machine.directory)).toEqual([]);
    expect(existsSync(machine.directory)).toBe(false);
  });

  async function provisioning(): Promise<HostProvisioning> {
    return {
      app: world.app,
      environment: 'here',
      upstream: null,
      host: 'i-1',
      address: '127.0.0.1',
      store: { kind: 'directory', path: '/store' },
      secrets: { kind: 'aws', path: '/lockstep/sample/here/secrets', region: 'eu-central-1' },
      supervisor: 'systemd',
      sharedDirectory: '/srv/lockstep/shared',
      ports: { web: 8080 },
      bindings: {},
      keepReleases: 3,
      keys: {
        build: await world.signer.publicKey({ role: 'build' }),
        orders: await world.signer.publicKey({ role: 'orders', environment: 'here' }),
        upstreamReceipts: null,
      },
    };
  }

  /** As Run Command does: another search path than the boot's, and a variable of its own. */
  function agent<V extends Verb>(verb: V, request: VerbRequest<V>): VerbAnswer<V> {
    const command = `env -i PATH=/usr/bin:/bin SSM=1 ${node} ${agentNodeOptions.join(' ')} /opt/lockstep/agent.mjs ${verb} --root ${root}`;
    const { output } = machine.run(command, JSON.stringify(request));
    const parsed = agentOutputSchema.parse(JSON.parse(output));
    if (parsed.outcome !== 'answer') throw new Error(output);
    return verbs[verb].answer.parse(parsed.answer) as VerbAnswer<V>;
  }

  function ask(): { pid: number; uid: number; env: Record<string, string>; files: string[] } {
    const request = { method: 'GET', path: '/', headers: {}, body: null, timeoutSeconds: 10 };
    const [response] = agent('probe', { service: 'web', requests: [request] }).responses;
    if (response === undefined || 'error' in response) throw new Error(response?.error);
    return JSON.parse(Buffer.from(response.body, 'base64').toString('utf8'));
  }
  const attest = () => agent('attest', { nonce: 'n'.repeat(16) });
  const web = () => attest().processes.find(({ service }) => service === 'web');

  test("systemd passes the supervisor's contract", async () => {
    const vitest = `${modules}/vitest/vitest.mjs run --configLoader=native --no-cache test/host/services/systemd/systemd-supervisor.test.ts`;
    const environment = `env -i PATH=${searchPath} HOME=/root LOCKSTEP_INSIDE_MACHINE=1`;
    const { status, output } = await machine.runAside(`cd ${repository} && ${environment} node ${vitest}`);
    expect(status, output).toBe(0);
    expect(output).toMatch(/^\d+ passed, 0 failed, 0 skipped$/m);
  });

  test('boot brings the last committed order up, as its own user, with its environment and nothing of systemd', async () => {
    await world.order(release, { secrets: [{ name: 'API_KEY', version: 1 }] });
    await world.outcome(1);
    expect(agent('boot', {})).toEqual({ order: 1, healthy: true });
    const { uid, env, files } = ask();
    expect(uid).toBe(10_001);
    expect(env).toEqual({
      API_KEY: apiKey,
      PATH: searchPath,
      TZ: 'UTC',
      LANG: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
      HOST: '127.0.0.1',
      PORT: '8080',
      WORKERS: '1',
      WEB_URL: 'http://127.0.0.1:8080',
      HOME: `${root}/scratch/.home`,
      TMPDIR: `${root}/scratch/.tmp`,
      RELEASE_DIR: `${root}/releases/${release}.1`,
      SHARED_DIR: '/srv/lockstep/shared',
    });
    expect(files).toEqual([...Array.from({ length: 4 }, () => 'written'), 'EROFS', 'EROFS', 'EROFS']);
    expect(machine.run('stat -c %u /srv/lockstep/shared/uploads/a').output).toBe('10001\n');
    expect(attest()).toMatchObject({ order: 1, release, damage: { count: 0 } });
  });

  test('boot again changes nothing', () => {
    const before = attest().processes;
    expect(agent('boot', {})).toEqual({ order: 1, healthy: true });
    expect(attest().processes).toEqual(before);
  });

  test('a killed service comes back, and says so', async () => {
    const { pid } = ask();
    machine.run(`kill -KILL ${pid}`);
    await until(async () => ask().pid !== pid);
    expect(web()).toMatchObject({ restarts: 1, lastExit: 'ended by SIGKILL' });
  });

  test('after a start of the machine nothing of ours runs until boot has verified it', async () => {
    const ours = () =>
      machine.run(
        "systemctl list-units --all --no-legend --plain 'lockstep-*'; grep -lP 'Uid:\\t10001' /proc/[0-9]*/status",
      ).output;
    expect(ours()).toMatch(/^lockstep-app-web\.service .*\/proc\//s);
    await machine.stop();
    await machine.start();
    expect(ours()).toBe('');
    expect(attest().processes).toEqual([]);
    expect(agent('boot', {})).toEqual({ order: 1, healthy: true });
    expect(web()).toMatchObject({ restarts: 0, lastExit: null });
    expect(ask().env.API_KEY).toBe(apiKey);
  });
});
