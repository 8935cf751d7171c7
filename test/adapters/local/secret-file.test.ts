import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileSecrets, secretFileOf } from '../../../scripts/adapters/local/secret-file.ts';
import { readSecrets } from '../../../scripts/host/orders/secrets.ts';
import { identityOf } from '../../../scripts/machine/process-identity.ts';
import { DirectoryStore } from '../../../scripts/store/directory-store.ts';
import { writeOnce } from '../../../scripts/store/records.ts';
import { secretStoreContract } from '../../support/contracts/secret-store-contract.ts';

let project: string;
let secrets: FileSecrets;
beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'lockstep-secrets-'));
  secrets = new FileSecrets(project);
});
afterEach(() => rm(project, { recursive: true }));

const file = () => secretFileOf(project, 'staging');
const modeOf = async (name: string) => (await stat(name)).mode & 0o777;

secretStoreContract('a file', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-secrets-'));
  const host = {
    secrets: { kind: 'file', path: secretFileOf(directory, 'staging') } as const,
    environment: {},
    signal: new AbortController().signal,
  };
  return {
    open: () => new FileSecrets(directory),
    read: async (...references) => (await readSecrets(host, references)).values,
    remove: () => rm(directory, { recursive: true }),
  };
});

test('nobody else may read the file or list its directory, whatever the umask', async () => {
  const umask = process.umask(0);
  try {
    await secrets.set('staging', 'KEY', 'value');
  } finally {
    process.umask(umask);
  }
  expect(await modeOf(file())).toBe(0o600);
  expect(await modeOf(path.dirname(file()))).toBe(0o700);
  expect(await readdir(path.dirname(file()))).toEqual(['staging.json']);
});

test('git sees nothing of it, though nobody told git', async () => {
  const git = (...command: string[]) => execFileSync('git', command, { cwd: project, encoding: 'utf8' });
  git('init', '--quiet');
  await secrets.set('staging', 'KEY', 'value');
  expect(git('status', '--porcelain', '--untracked-files=all')).toBe('');
});

test('a file that others may read is refused, and so is a link', async () => {
  await secrets.set('staging', 'KEY', 'value');
  await chmod(file(), 0o640);
  await expect(secrets.current('staging')).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('mode 0640'),
    fix: expect.stringContaining(`chmod 600 ${file()}`),
  });
  await expect(secrets.set('staging', 'KEY', 'new')).rejects.toMatchObject({ kind: 'refused' });
  await symlink(file(), secretFileOf(project, 'linked'));
  await expect(secrets.current('linked')).rejects.toMatchObject({ kind: 'refused' });
});

test('a damaged file is named without what stands in it', async () => {
  await mkdir(path.dirname(file()), { recursive: true });
  await writeFile(file(), '{"KEY": "hunter2"}', { mode: 0o600 });
  const error = await secrets.current('staging').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'errored' });
  expect(JSON.stringify(error)).not.toContain('hunter2');
});

test.each([
  ['../staging', 'KEY', 'value'],
  ['staging', 'key', 'value'],
  ['staging', '__proto__', 'value'],
  ['staging', 'KEY', ''],
  ['staging', 'KEY', 'a\0b'],
  ['staging', 'KEY', 'x'.repeat(70_000)],
])('refuses environment %j, name %j and their like', async (environment, name, value) => {
  await expect(secrets.set(environment, name, value)).rejects.toMatchObject({ kind: 'usage' });
  expect(await readdir(project)).toEqual([]);
});

test('processes that set secrets at the same time lose none', async () => {
  const script = path.join(project, 'setter.mjs');
  const adapter = path.join(import.meta.dirname, '../../../scripts/adapters/local/secret-file.ts');
  await writeFile(
    script,
    `import { FileSecrets } from ${JSON.stringify(adapter)};
     const secrets = new FileSecrets(${JSON.stringify(project)});
     for (let n = 0; n < 5; n++) await secrets.set('staging', 'KEY', process.argv[2] + n);`,
  );
  const children = ['a', 'b', 'c'].map((name) =>
    spawn(process.execPath, [script, name], { stdio: 'inherit' }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(await secrets.current('staging')).toEqual([{ name: 'KEY', version: 15 }]);
  expect(await readdir(path.dirname(file()))).toEqual(['staging.json']);
});

test('a process that was killed while it set a secret keeps nobody out', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const owner = await identityOf(child.pid ?? 0);
  const state = new DirectoryStore(path.join(project, '.lockstep', 'state'));
  await writeOnce(state, 'secrets/staging.json', { owner, verb: 'secret set', released: false });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await secrets.set('staging', 'KEY', 'one')).toBe(1);
  expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({ KEY: { 1: 'one' } });
});
