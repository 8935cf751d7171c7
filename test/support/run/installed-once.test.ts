import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { whyNotInstalled } from './installed-once.ts';

let parent = '';
let directory = '';
const running: ChildProcessWithoutNullStreams[] = [];

beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'lockstep-installed-'));
  directory = path.join(parent, 'tools');
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
  rmSync(parent, { recursive: true });
});

const fill = (end = '') => {
  const program = path.join(import.meta.dirname, 'fill-directory.ts');
  const child = spawn(process.execPath, [program, directory, end]);
  running.push(child);
  return child;
};
const endOf = async (child: ChildProcessWithoutNullStreams) => (await once(child, 'exit'))[0];
const says = async (child: ChildProcessWithoutNullStreams, word: string) => {
  let said = '';
  for await (const [chunk] of on(child.stdout, 'data')) {
    said += chunk;
    if (said.includes(word)) return;
  }
};
const made = () => readFileSync(`${directory}.log`, 'utf8').trim().split('\n').length;
const tool = () => readFileSync(path.join(directory, 'tool'), 'utf8');

test('two processes that need the same tools at the same time: one installs, the other waits for it', async () => {
  const first = fill('wait');
  await says(first, 'half');
  const second = fill();
  const ended = endOf(second);
  await says(second, 'begins');
  first.stdin.end();
  expect([await endOf(first), await ended]).toEqual([0, 0]);
  expect([made(), tool()]).toEqual([1, 'whole']);
});

test('what a killed process left half made is made anew, and what is there stays', async () => {
  const killed = fill('wait');
  await says(killed, 'half');
  killed.kill('SIGKILL');
  await endOf(killed);
  expect(tool()).toBe('half');
  expect(await endOf(fill())).toBe(0);
  expect(await endOf(fill())).toBe(0);
  expect([made(), tool()]).toEqual([2, 'whole']);
});

test('a failed installation leaves nothing', async () => {
  expect(await endOf(fill('fail'))).toBe(1);
  expect(existsSync(directory)).toBe(false);
});

test('a failed installation is a reason to skip for a person, and fails the run in CI', async () => {
  const failing = () => Promise.reject(new Error('no network\nin many lines'));
  expect(await whyNotInstalled('the tool', failing, {})).toBe('the tool could not be installed: no network');
  expect(await whyNotInstalled('the tool', failing, { CI: 'false' })).not.toBeNull();
  await expect(whyNotInstalled('the tool', failing, { CI: 'true' })).rejects.toThrow(
    'the tool could not be installed: no network',
  );
  expect(await whyNotInstalled('the tool', async () => undefined, { CI: 'true' })).toBeNull();
});
