import { existsSync } from 'node:fs';
import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAppManifest } from '../../scripts/adapters/settings/app-manifest-file.ts';
import { systemClock } from '../../scripts/adapters/terminal/system-clock.ts';
import { startLoad } from '../../scripts/rehearsal/steady-load.ts';
import { finished, TinyProject } from '../support/apps/tiny-project.ts';

/** Whole deploys by the command line: real hosts as processes, real Redis and HAProxy, real signatures. */
describe('one app, built once, in staging and production', () => {
  let project: TinyProject;

  beforeAll(async () => {
    project = await TinyProject.create(undefined, (_file, text) =>
      text
        .replace('leaseSeconds: 10', 'leaseSeconds: 4')
        .replace('lockstep:local: {}', 'lockstep:local: { hosts: 2 }'),
    );
    await project.release('v1', 1);
    await project.release('v2', 2);
    for (const tag of ['v1', 'v2']) await project.expect(0, 'build', tag);
    const { stderr } = await project.expect(3, 'deploy', 'production', 'v1');
    expect(stderr, 'S1: production takes no release of its own').toContain(
      'has not been verified in staging',
    );
    await project.expect(0, 'deploy', 'staging', 'v1');
    await project.expect(0, 'promote', 'production');
    await project.expect(0, 'deploy', 'staging', 'v2');
  });
  afterAll(() => project.remove());

  it('shows the plan of a promotion without doing anything', async () => {
    const { stdout } = await project.expect(0, 'promote', 'production', '--dry-run', '--json');
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ tag: 'v2', basis: { kind: 'receipt', environment: 'staging' }, config: [] });
    expect(plan.batches).toEqual([['production-1'], ['production-2']]);
    expect(plan.hosts[0].filesToSend).toBe(1);
    const { stdout: status } = await project.expect(0, 'status', 'production', '--json');
    expect(JSON.parse(status)).toMatchObject({ committed: { tag: 'v1', number: 1 }, pending: null });
  });

  it('S13: refuses a promotion while a value that must be shared differs, and names it', async () => {
    const file = path.join(project.project, 'Pulumi.yaml');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace('COLOUR: red', 'COLOUR: blue'));
    expect((await project.expect(3, 'promote', 'production')).stderr).toContain('differs: COLOUR');
    await writeFile(file, before.replace('COLOUR: red', 'COLOUR: "7"'));
    expect((await project.expect(2, 'promote', 'production')).stderr).toContain('COLOUR');
    await writeFile(file, before);
  });

  it('S14: fails a build whose tree lacks a module, before anything is stored', async () => {
    await project.repository.edit('server.mjs', "'./version.mjs'", "'./absent.mjs'");
    await project.repository.edit('lockstep.yaml', './version.mjs', './server.mjs');
    await project.repository.commit('forgot a file');
    await project.repository.tag('lacking');
    expect((await project.expect(1, 'build', 'lacking')).stderr).toContain('absent.mjs');
    await project.repository.edit('server.mjs', "'./absent.mjs'", "'./version.mjs'");
    await project.repository.edit('lockstep.yaml', './server.mjs', './version.mjs');
  });

  it('S16: refuses to build an app whose services are named otherwise than in the settings', async () => {
    await project.repository.edit('lockstep.yaml', '  web:', '  website:');
    await project.repository.commit('renamed');
    await project.repository.tag('renamed');
    expect((await project.expect(3, 'build', 'renamed')).stderr).toContain('website');
    await project.repository.edit('lockstep.yaml', '  website:', '  web:');
  });

  it('continues after the deployer was killed with SIGKILL in the middle of a promote', async () => {
    const dying = project.start('promote', 'production');
    const gone = finished(dying);
    await appears(journalEntry(project, 2, '0003-switch-production-2'), dying);
    dying.kill('SIGKILL');
    expect((await gone).code).toBeNull();
    const { stderr, stdout } = await project.expect(0, 'promote', 'production', '--json');
    expect(stderr).toContain('order 2 by');
    expect(stderr).toContain('was left open');
    expect(JSON.parse(stdout)).toMatchObject({ order: 3, tag: 'v2' });
    const history = JSON.parse((await project.expect(0, 'history', 'production', '--json')).stdout);
    expect(history.orders.map(({ outcome }: { outcome: { result: string } }) => outcome.result)).toEqual([
      'committed',
      'abandoned',
      'committed',
    ]);
    const status = JSON.parse((await project.expect(0, 'status', 'production', '--json')).stdout);
    expect(status.inStep).toBe(true);
  });

  it('S2, S9: names an edit by hand with host and path, and a redeploy repairs that host', async () => {
    const file = path.join(project.hostDirectory('production', 'production-2'), 'current/release/server.mjs');
    await chmod(file, 0o644);
    await appendFile(file, '// quick fix\n');
    const { stdout } = await project.expect(1, 'parity');
    expect(stdout).toContain('production-2: edited by hand: server.mjs changed');
    await project.expect(1, 'status', 'production');
    await project.expect(0, 'deploy', 'production');
    await project.expect(0, 'parity');
  });

  it('S20, S23: rolls back to the release before, and no user of the service sees it', async () => {
    const { environment } = await project.target().open('production', { lookOnly: true });
    const { probe } = environment.ports;
    const manifest = await readAppManifest(project.repository.directory);
    const load = startLoad({ manifest, probe, clock: systemClock, users: 2, pauseMilliseconds: 50 });
    await project.expect(0, 'rollback', 'production').finally(async () => {
      const { requests, failures } = await load.stop();
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThan(0);
    });
    const status = JSON.parse((await project.expect(0, 'status', 'production', '--json')).stdout);
    expect(status.committed).toMatchObject({ tag: 'v1', basis: { kind: 'rollback', order: 1 } });
    expect((await project.expect(0, 'parity')).stdout).toContain('behind');
  });

  it('leaves no lease behind when it is interrupted, and says how to go on', async () => {
    await project.release('v3', 3);
    await project.expect(0, 'build', 'v3');
    const child = project.start('deploy', 'staging', 'v3');
    const ending = finished(child);
    await appears(journalEntry(project, 3, '0001-stage', 'staging'), child);
    child.kill('SIGINT');
    const { code, stderr } = await ending;
    expect(code).toBe(130);
    expect(stderr).toContain('closed as abandoned');
    expect(stderr).toContain('Run the same command again');
    const status = JSON.parse((await project.run('status', 'staging', '--json')).stdout);
    expect(status.lease).toBeNull();
  });
});

function journalEntry(project: TinyProject, order: number, step: string, environment = 'production'): string {
  const key = `apps/tiny/environments/${environment}/orders/${order}/journal/${step}.json`;
  return path.join(project.project, '.lockstep/store', key);
}

/** Until the file is there; fails when the process ends first. */
async function appears(file: string, child: { exitCode: number | null }): Promise<void> {
  while (!existsSync(file)) {
    if (child.exitCode !== null)
      throw new Error(`ended with ${child.exitCode} before ${path.basename(file)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
