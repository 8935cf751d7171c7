import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { actorOf } from '../../scripts/targets/contract/actor.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

const source = path.join(import.meta.dirname, '../../scripts/targets/contract/actor.ts');

test('in GitHub Actions the person acts who started the run, and no two jobs of it are one', () => {
  const environment = { GITHUB_ACTOR: 'ann', GITHUB_RUN_ID: '7' };
  expect(actorOf(environment)).toMatchObject({ owner: 'ann', run: expect.stringMatching(/^7-[0-9a-f]{8}$/) });
  expect(actorOf(environment).run).not.toBe(actorOf(environment).run);
});

const whyNotRoot = process.getuid?.() === 0 ? null : 'only root may start a process as another user';
test('a user id without an entry in /etc/passwd acts by its number', skippedBecause(whyNotRoot), () => {
  // Only what the process may read without rights of its own: the source is handed over, not opened by it.
  const program = `import { actorOf } from ${JSON.stringify(source)}; console.log(actorOf({}).owner);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program],
    { uid: 54_321, encoding: 'utf8', env: {}, cwd: '/' },
  );
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^uid 54321@/);
});
