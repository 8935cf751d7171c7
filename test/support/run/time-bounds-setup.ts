import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, inject, vi } from 'vitest';
import { type Running, runningDirectory } from './hang-watch.ts';
import { boundOf } from './time-bounds.ts';

/** Runs before each test file: its bounds, and a note of what runs now for the watch over hangs. */
const file = expect.getState().testPath ?? '';
const root = path.join(import.meta.dirname, '../../..');
const bound = boundOf(path.relative(root, file), inject('machineFactor'));
vi.setConfig({ testTimeout: bound, hookTimeout: bound });

const directory = runningDirectory(inject('runner'));
mkdirSync(directory, { recursive: true });

function note(what: string): void {
  const running: Running = { what, file, since: Date.now(), bound };
  writeFileSync(path.join(directory, String(process.pid)), JSON.stringify(running));
}

note('loading the file, or a hook before its first test');
beforeEach(({ task }) => note(`${task.fullTestName}`));
afterEach(({ task }) => note(`a hook after "${task.fullTestName}"`));
