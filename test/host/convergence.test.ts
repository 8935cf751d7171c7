import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hostProcesses } from '../../scripts/host/services/local/host-processes.ts';
import { isAlive } from '../support/contracts/supervisor-contract.ts';
import { HostWorld } from '../support/fakes/host-world.ts';
import { webServer } from '../support/fakes/world-records.ts';

/** Kills are spread over the time that a verb took the last time, on whatever machine this is. */
const fractions = [0.4, 0.7, 0.9];

test('a verb killed at any moment and repeated ends where one that was never killed does', async () => {
  const world = await HostWorld.create();
  try {
    const server = `require('node:fs').appendFileSync(process.env.SHARED_DIR + '/started', process.pid + '\\n');${webServer}`;
    let usual = await timed(() => world.run('logs', { service: null, lines: 1 }));
    for (const [index, fraction] of fractions.entries()) {
      const release = await world.release({ 'server.js': server, 'version.txt': String(index) });
      const order = await world.order(release);
      for (const verb of ['stage', 'activate'] as const) {
        await killed(world, verb, order, usual * fraction);
        usual = await timed(async () => expect((await world.run(verb, { order })).code).toBe(0));
      }
      const attested = await world.call('attest', { nonce: 'n'.repeat(16) });
      expect(attested).toMatchObject({ order, release, fence: order, damage: { count: 0 } });

      const { services } = await hostProcesses(world.root);
      expect(services.map(({ process }) => process.pid)).toEqual(attested.processes.map(({ pid }) => pid));
      const started = await readFile(path.join(world.provisioning.sharedDirectory, 'started'), 'utf8');
      expect(started.trim().split('\n').map(Number).filter(isAlive)).toEqual([services[0]?.process.pid]);
      expect((await world.ask()).cwd).toContain(release);
    }
    await killed(world, 'deactivate', fractions.length, usual * 0.5);
    await world.call('deactivate', { order: fractions.length });
    expect(await hostProcesses(world.root)).toEqual({ supervisor: null, services: [] });

    const left = await readdir(path.join(world.root, 'releases'));
    expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
    expect(left.filter((name) => /\.\d+$/.test(name)).length).toBeLessThanOrEqual(
      world.provisioning.keepReleases + 2,
    );
    expect(
      (await readdir(path.join(world.root, 'activations'))).filter((name) => name.endsWith('.tmp')),
    ).toEqual([]);
  } finally {
    await world.close();
  }
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function killed(world: HostWorld, verb: string, order: number, milliseconds: number): Promise<void> {
  const child = world.spawn(verb, { order });
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'exit');
  await Promise.race([wait(milliseconds), ended]);
  child.kill('SIGKILL');
  await ended;
}
