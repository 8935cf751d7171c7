import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machinePlatform, osPackagesDigest, runtimeVersions } from '../../scripts/machine/machine.ts';

let programs = '';
beforeAll(async () => {
  programs = await mkdtemp(path.join(os.tmpdir(), 'lockstep-programs-'));
  const print = (text: string) => `#!/bin/sh\necho '${text}'\n`;
  await writeFile(path.join(programs, 'node'), print('v1.2.3'), { mode: 0o755 });
  await writeFile(path.join(programs, 'dpkg-query'), print('one package'), { mode: 0o755 });
});
afterAll(() => rm(programs, { recursive: true }));

test('asks the programs along the PATH that it is given, not along its own', async () => {
  const names = ['node', 'no-such-runtime', '../node'];
  const expected = { node: '1.2.3', 'no-such-runtime': null, '../node': null };
  expect(await runtimeVersions(names, { PATH: programs })).toEqual(expected);
  expect((await machinePlatform(['node'], { PATH: programs })).runtimes).toEqual({ node: '1.2.3' });
  expect((await machinePlatform(['node'], process.env)).runtimes).toEqual({ node: process.version.slice(1) });
});

test('knows the packages of the system by the list that its package manager prints', async () => {
  expect(await osPackagesDigest({ PATH: programs })).toMatch(/^[0-9a-f]{64}$/);
  expect(await osPackagesDigest({ PATH: path.join(programs, 'empty') })).toBeNull();
});
