import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { boundedPaths, boundOf } from './time-bounds.ts';

const root = path.join(import.meta.dirname, '../../..');

test('a test is bounded by its kind, and a slower machine has as much longer', () => {
  expect(boundOf('test/domain/order/rollout.test.ts', 1)).toBe(10_000);
  expect(boundOf('test/host/agent.test.ts', 1)).toBe(60_000);
  expect(boundOf('test/host/agent-memory.test.ts', 1)).toBe(300_000);
  expect(boundOf('test/domain/order/rollout.test.ts', 2.5)).toBe(25_000);
});

test('every path with a bound of its own is there', () => {
  const isThere = (each: string) =>
    each.endsWith('/')
      ? existsSync(path.join(root, each))
      : readdirSync(path.join(root, path.dirname(each))).includes(`${path.basename(each)}.test.ts`);
  expect(boundedPaths.filter((each) => !isThere(each))).toEqual([]);
});

test('a test that hangs is ended and named, whether it waits or never lets go of its process', async () => {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const config = path.join(root, 'test/fixtures/hangs/vitest.config.ts');
  // A process group of its own, so that none of its processes outlives a failure of this test.
  const run = spawn(process.execPath, [vitest, 'run', '--config', config], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    detached: true,
  });
  onTestFinished(() => killGroup(run.pid ?? 0));
  const [out, errors, [code]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'exit')]);
  const printed = `${out}${errors}`;
  expect(code, printed).toBe(1);
  expect(printed).toContain('1 passed');
  expect(printed).toMatch(/FAIL .*one waits for ever\n.*timed out/);
  expect(printed).toMatch(/hangs, so its process is ended: one never lets go .*spinning\.ts/);
});

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
