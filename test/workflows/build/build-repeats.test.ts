import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import {
  AppRepository,
  appYaml,
  type Builder,
  buildOn,
  manifestIn,
} from '../../support/apps/app-repository.ts';

let repository: AppRepository;
let scratch: string;
afterEach(async () => {
  await repository.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** Builds in two directories, the second time under another umask, time zone and locale. */
async function buildTwice(): Promise<{ machine: Builder; first: string; second: string }> {
  const machine = repository.builder('one', { ...process.env, TZ: 'UTC', LC_ALL: 'C' });
  const { release: first } = await buildOn(machine);
  const other = { ...process.env, TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', SECRET: 'x' };
  const before = process.umask(0o077);
  try {
    const { release: second } = await buildOn(repository.builder('two/with a longer path', other));
    return { machine, first, second };
  } finally {
    process.umask(before);
  }
}

function must(command: string, ...given: string[]): void {
  const { status, stderr } = spawnSync(command, given, { cwd: scratch, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

it('gives one digest for an app with npm dependencies, wherever and however it is built', async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'lockstep-npm-'));
  mkdirSync(path.join(scratch, 'package'));
  writeFileSync(
    path.join(scratch, 'package/package.json'),
    JSON.stringify({ name: 'tiny', version: '1.0.0', main: 'index.js', bin: { tiny: 'index.js' } }),
  );
  writeFileSync(path.join(scratch, 'package/index.js'), '#!/usr/bin/env node\nmodule.exports = 1;\n');
  must('tar', 'czf', 'tiny.tgz', 'package');
  const tarball = readFileSync(path.join(scratch, 'tiny.tgz'));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dependencies = { tiny: 'file:vendor/tiny.tgz' };
  const root = { name: 'app', version: '1.0.0', dependencies };
  const installed = {
    version: '1.0.0',
    resolved: 'file:vendor/tiny.tgz',
    integrity,
    bin: { tiny: 'index.js' },
  };
  const packages = { '': root, 'node_modules/tiny': installed };
  repository = await AppRepository.create({
    'lockstep.yaml': appYaml('build:\n  steps:\n    - [npm, ci, --offline, --ignore-scripts]\n'),
    'package.json': JSON.stringify(root),
    'package-lock.json': JSON.stringify({ name: 'app', version: '1.0.0', lockfileVersion: 3, packages }),
    'server.js': "require('tiny');\n",
    'vendor/tiny.tgz': tarball,
  });
  const { machine, first, second } = await buildTwice();
  expect(second).toBe(first);
  const paths = (await manifestIn(machine, first)).files.map((file) => file.path);
  expect(paths).toContain('node_modules/tiny/index.js');
  expect(paths).toContain('node_modules/.bin/tiny');
});

it('gives one digest for an app with pip dependencies, wherever and however it is built', async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'lockstep-pip-'));
  const wheel = `
import base64, hashlib, zipfile
files = {
    'tiny/__init__.py': 'value = 1\\n',
    'tiny-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n',
    'tiny-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
}
record = ''
with zipfile.ZipFile('tiny-1.0-py3-none-any.whl', 'w') as archive:
    for name, text in files.items():
        archive.writestr(name, text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()
        record += f'{name},sha256={digest},{len(text)}\\n'
    archive.writestr('tiny-1.0.dist-info/RECORD', record + 'tiny-1.0.dist-info/RECORD,,\\n')
`;
  must('python3', '-c', wheel);
  const install =
    'python3, -m, pip, install, --quiet, --target, lib, --no-index, --find-links, vendor, -r, requirements.txt';
  const check = '[python3, -c, "import sys; sys.path.insert(0, \'lib\'); import tiny"]';
  repository = await AppRepository.create({
    'lockstep.yaml': `${appYaml().replace('[node, --check, server.js]', check)}build:\n  steps:\n    - [${install}]\n`,
    'requirements.txt': 'tiny==1.0\n',
    'vendor/tiny-1.0-py3-none-any.whl': readFileSync(path.join(scratch, 'tiny-1.0-py3-none-any.whl')),
  });
  const { machine, first, second } = await buildTwice();
  expect(second).toBe(first);
  const paths = (await manifestIn(machine, first)).files.map((file) => file.path);
  expect(paths).toContain('lib/tiny/__init__.py');
  expect(paths.filter((each) => each.endsWith('.pyc'))).toEqual([]);
});
