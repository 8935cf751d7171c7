import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { measureFactor } from './machine-factor.ts';
import { allowedMinutes, buildMilliseconds, decideFit } from './machine-fit.ts';

test('an ordinary machine builds the engine and runs everything', () => {
  const fit = decideFit(1, false);
  expect(fit).toMatchObject({ engine: 'build and test', leftOut: null });
  expect(fit.minutes).toBeLessThan(allowedMinutes);
  expect(decideFit(1, true)).toMatchObject({ engine: 'test', leftOut: null });
});

test('where not all fits, the build goes first, then the engine’s tests, by name', () => {
  expect(decideFit(3.5, false)).toMatchObject({ engine: 'nothing' });
  expect(decideFit(3.5, true)).toMatchObject({ engine: 'test', leftOut: null });
  const { engine, leftOut } = decideFit(6, true);
  expect(engine).toBe('nothing');
  expect(leftOut).toMatch(/6\.0 times slower .* 54 of 45 minutes; npm run test:engine/);
});

test('a machine is measured as long as is asked for', async () => {
  const began = performance.now();
  expect(await measureFactor(1_000)).toBeGreaterThanOrEqual(1);
  expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
});

test('a build has whole milliseconds, which a timer takes, however slow the machine is', () => {
  for (let slowness = 1; slowness < 20; slowness += 0.0137) {
    const milliseconds = buildMilliseconds(slowness);
    expect(Number.isInteger(milliseconds) && milliseconds >= 60_000, String(slowness)).toBe(true);
  }
});

test('the one check is told to run the engine that is there, or why not', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'lockstep-fit-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(path.join(directory, 'pulumi'), '#!/bin/sh\n', { mode: 0o755 });
  const script = path.join(import.meta.dirname, 'prepare-machine.ts');
  const told = async (PATH: string) =>
    (await promisify(execFile)(process.execPath, [script], { env: { PATH, HOME: directory } })).stdout;
  expect(await told(directory)).toMatch(/^(required|left out: .* npm run test:engine runs them)\n$/);
  // Neither Go nor an engine.
  expect(await told(path.join(directory, 'nothing'))).toBe('');
});
