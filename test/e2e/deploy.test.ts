import { existsSync } from 'node:fs';
import { appendFile, chmod } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, TinyProject } from '../support/tiny-project.ts';

/** Whole deploys by the command line: real hosts as processes, real Redis and HAProxy, real signatures. */
describe('one app, built once, in staging and production', () => {
  let project: TinyProject;

  beforeAll(async () => {
    project = await TinyProject.create(undefined, (_file, text) =>
      text.replace('leaseSeconds: 10', 'leaseSeconds: 4'),
    );
    await project.release('v1', 1);
    await project.release('v2', 2);
    for (const tag of ['v1', 'v2']) await project.expect(0, 'build', tag);
    await project.expect(3, 'deploy', 'production', 'v1');
    await project.expect(0, 'deploy', 'staging', 'v1');
    await project.expect(0, 'promote', 'production');
    await project.expect(0, 'deploy', 'staging', 'v2');
  });
  afterAll(() => project.remove());

  it('shows the plan of a promotion without doing anything', async () => {
    const { stdout } = await project.expect(0, 'promote', 'production', '--dry-run', '--json');
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ tag: 'v2', basis: { kind: 'receipt', environment: 'staging' }, config: [] });
    expect(plan.batches).toEqual([['production-1'], ['production-2'], ['production-3']]);
    expect(plan.hosts[0].filesToSend).toBe(1);
    const { stdout: status } = await project.expect(0, 'status', 'production', '--json');
    expect(JSON.parse(status)).toMatchObject({ committed: { tag: 'v1', number: 1 }, pending: null });
  });

  it('goes on after the deployer was killed with SIGKILL in the middle of a promote', async () => {
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

  it('names an edit by hand with host and path, and a redeploy repairs that host', async () => {
    const file = path.join(project.hostDirectory('production', 'production-2'), 'current/release/server.mjs');
    await chmod(file, 0o644);
    await appendFile(file, '// quick fix\n');
    const { stdout } = await project.expect(1, 'parity');
    expect(stdout).toContain('production-2: edited by hand: server.mjs changed');
    await project.expect(1, 'status', 'production');
    await project.expect(0, 'deploy', 'production');
    await project.expect(0, 'parity');
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
