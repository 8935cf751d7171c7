import { existsSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf, sha256 } from '../../../scripts/domain/canonical.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { materialise } from '../../../scripts/host/disk/materialise.ts';
import { rehash } from '../../../scripts/host/disk/rehash.ts';
import { removeTree } from '../../../scripts/machine/directory.ts';
import { build } from '../../../scripts/workflows/build/build.ts';
import { AppRepository, appYaml, buildOn, checkOn, manifestIn } from '../../support/apps/app-repository.ts';

let repository: AppRepository;
afterEach(() => repository.remove());

const app = { 'lockstep.yaml': appYaml(), 'server.js': 'console.log("hello");\n' };
const steps = (...list: string[]) => `build:\n  steps:\n${list.map((step) => `    - ${step}\n`).join('')}`;
const sh = (script: string) => JSON.stringify(['sh', '-c', script]);

async function packsOf(
  store: { get(key: string): Promise<{ body: Uint8Array } | undefined> },
  release: string,
) {
  const list = await store.get(storeKeys.releasePacks(release));
  return JSON.parse(new TextDecoder().decode(list?.body)).packs as string[];
}

describe('a release built from a tag', () => {
  it('holds the committed bytes alone, is signed, and lands whole on a host', async () => {
    repository = await AppRepository.create({
      ...app,
      'lockstep.yaml': appYaml(
        `directories:\n  shared: [data/uploads]\n${steps(sh('echo built > built.txt'))}`,
      ),
      '.gitattributes': '*.js text eol=crlf export-subst\nsecret.txt export-ignore\n',
      'server.js': '// $Format:%H$\n',
      'secret.txt': 'still part of the commit',
      'run.sh': '#!/bin/sh\n',
    });
    repository.git('update-index', '--chmod=+x', 'run.sh');
    repository.git('commit', '--quiet', '--amend', '--no-edit');
    repository.git('tag', '--force', 'v1');
    await repository.write({ 'server.js': 'dirty', 'untracked.txt': 'x' });
    const machine = repository.builder('one');
    const result = await buildOn(machine);

    expect(machine.warnings).toEqual([expect.stringContaining('uncommitted')]);
    const manifest = await manifestIn(machine, result.release);
    expect(digestOf(manifest)).toBe(result.release);
    expect(manifest.files.map(({ path: each }) => each)).toEqual([
      '.gitattributes',
      'built.txt',
      'data',
      'data/uploads',
      'lockstep.yaml',
      'run.sh',
      'secret.txt',
      'server.js',
    ]);
    expect(manifest.files.find((file) => file.path === 'server.js')).toMatchObject({
      mode: '0444',
      sha256: sha256('// $Format:%H$\n'),
    });
    expect(manifest.files.find((file) => file.path === 'run.sh')).toMatchObject({ mode: '0555' });

    const target = path.join(repository.directory, 'host');
    const packs = await packsOf(machine.store, result.release);
    await materialise({ store: machine.store, manifest, packs, target, held: [], mtimeSeconds: 1 });
    expect((await rehash(target, manifest)).count).toBe(0);
    expect(await readdir(path.join(repository.directory, 'one/work'))).toEqual([]);
  });

  it('is built once: the tag answers again at once, and stores what changed alone for the next', async () => {
    const large = Buffer.alloc(300_000, 'abcdefgh');
    repository = await AppRepository.create({ ...app, 'large.txt': large });
    const machine = repository.builder('one');
    const first = await buildOn(machine);
    expect(await buildOn(machine)).toMatchObject({ release: first.release, built: false });
    await repository.commit({ 'server.js': 'console.log("two");\n' }, 'v2');
    const second = await buildOn(machine, 'v2');
    const [old] = await packsOf(machine.store, first.release);
    const packs = await packsOf(machine.store, second.release);
    expect(packs).toHaveLength(2);
    expect(packs).toContain(old);
    const index = await machine.store.get(storeKeys.packIndex(packs.find((pack) => pack !== old) ?? ''));
    expect(JSON.parse(new TextDecoder().decode(index?.body)).files).toHaveLength(1);
    await repository.commit({ 'server.js': 'console.log("hello");\n' }, 'v3');
    expect(await buildOn(machine, 'v3')).toMatchObject({ release: first.release, bytesStored: 0 });
  });

  it('refuses a tag that is missing, and one that moved since it was built', async () => {
    repository = await AppRepository.create(app);
    const machine = repository.builder('one');
    await expect(buildOn(machine, 'v9')).rejects.toMatchObject({
      kind: 'refused',
      details: ['tags: v1'],
      fix: expect.stringContaining('git tag v9'),
    });
    await buildOn(machine);
    await repository.commit({ 'server.js': 'console.log("moved");\n' }, 'v1');
    await expect(buildOn(machine)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('v1 moved since it was built'),
    });
  });
});

describe('a build that fails', () => {
  it('shows the last 30 lines of a step, and stores nothing', async () => {
    const script = 'for n in $(seq 1 40); do echo line $n; done; exit 7';
    repository = await AppRepository.create({ ...app, 'lockstep.yaml': appYaml(steps(sh(script))) });
    const machine = repository.builder('one');
    const error = await buildOn(machine).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'failed', message: expect.stringContaining('exited with 7') });
    expect(error).toHaveProperty(
      'details',
      Array.from({ length: 30 }, (_, n) => `line ${n + 11}`),
    );
    expect(existsSync(path.join(repository.directory, 'one/store/releases'))).toBe(false);
    expect(await readdir(path.join(repository.directory, 'one/work'))).toEqual([]);
  });

  it('fails on a missing module before anything is deployed, and on a check that writes', async () => {
    repository = await AppRepository.create({
      ...app,
      'lockstep.yaml': appYaml().replace(
        '[node, --check, server.js]',
        '[node, -e, "require(\'./server.js\')"]',
      ),
      'server.js': "require('./no-such-module.js');\n",
    });
    const machine = repository.builder('one');
    await expect(buildOn(machine)).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('the check of service web'),
      details: expect.arrayContaining([expect.stringContaining('no-such-module.js')]),
    });
    await repository.commit({ 'server.js': "require('fs').writeFileSync('left.txt', 'x');\n" }, 'v2');
    await expect(buildOn(machine, 'v2')).rejects.toMatchObject({ kind: 'failed', details: ['left.txt'] });
  });

  it('refuses what infrastructure does not know, a runtime that is not here, and native files of a newer library', async () => {
    repository = await AppRepository.create({
      ...app,
      'lockstep.yaml': appYaml('platform:\n  runtimes: {node: "4"}\n'),
    });
    const machine = repository.builder('one');
    await expect(buildOn(machine)).rejects.toMatchObject({
      kind: 'refused',
      details: [expect.stringMatching(/^node: wanted 4, found 24\./)],
    });
    const factsProblems = () => ['the port of web is 1 in lockstep.yaml and 2 in Pulumi.yaml'];
    const signal = new AbortController().signal;
    await expect(
      build(machine.ports, { tag: 'v1', builtBy: 'test', factsProblems, signal }),
    ).rejects.toMatchObject({ kind: 'refused', details: factsProblems() });

    const copy = steps(sh('cp "$(command -v git)" program'));
    await repository.commit({ 'lockstep.yaml': appYaml(`platform:\n  libc: glibc 2.2\n${copy}`) }, 'v2');
    await expect(buildOn(machine, 'v2')).rejects.toMatchObject({
      kind: 'refused',
      details: [expect.stringMatching(/^program needs glibc 2\.\d+/)],
    });
  });

  it('refuses setuid files, special files, links out of the tree and files at declared directories', async () => {
    const cases: [string, string][] = [
      ['chmod u+s server.js', 'server.js is setuid, setgid or sticky'],
      ['mkfifo pipe', 'pipe is neither file, directory nor link'],
      ['ln -s /etc/passwd out', 'the link out leads out of the tree: /etc/passwd'],
      ['touch a A', 'differ by case only'],
      ['mkdir -p data && touch data/old', 'the tree has files at data'],
    ];
    repository = await AppRepository.create(app);
    const machine = repository.builder('one');
    for (const [n, [script, problem]] of cases.entries()) {
      const yaml = appYaml(`directories:\n  scratch: [data]\n${steps(sh(script))}`);
      await repository.commit({ 'lockstep.yaml': yaml }, `c${n}`);
      const error = await buildOn(machine, `c${n}`).catch((caught: unknown) => caught);
      expect(error, script).toMatchObject({ kind: 'refused' });
      expect(JSON.stringify([String(error), error]), script).toContain(problem);
    }
  });
});

describe('a commit that can not be a release', () => {
  it('names links out of the tree, LFS pointers, submodules not fetched and names of one spelling, all at once', async () => {
    repository = await AppRepository.create(app);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    await symlink('../../outside', path.join(repository.app, 'escape'));
    await symlink('server.js', path.join(repository.app, 'inside'));
    await repository.write({ 'model.bin': pointer });
    repository.git('add', '--all');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/lib`);
    repository.git('commit', '--quiet', '--message', 'bad');
    repository.git('tag', 'bad');
    const machine = repository.builder('one');
    const error = await buildOn(machine, 'bad').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'refused' });
    const details = (error as { details: string[] }).details;
    expect(details).toHaveLength(3);
    expect(details.join('\n')).toMatch(
      /escape is a link out[\s\S]*model.bin is an LFS pointer[\s\S]*submodule/,
    );
  });

  it('refuses names that differ by case only, and names that are not UTF-8', async () => {
    repository = await AppRepository.create({ ...app, 'Read.me': '1', 'read.me': '2' });
    const machine = repository.builder('one');
    await expect(buildOn(machine)).rejects.toMatchObject({
      kind: 'refused',
      details: ['Read.me and read.me differ by case only'],
    });
    const { writeFileSync } = await import('node:fs');
    await removeTree(path.join(repository.app, 'Read.me'));
    writeFileSync(Buffer.concat([Buffer.from(`${repository.app}/caf`), Buffer.from([0xe9])]), 'x');
    await repository.commit({}, 'v2');
    await expect(buildOn(machine, 'v2')).rejects.toMatchObject({
      kind: 'refused',
      details: [expect.stringContaining('not UTF-8')],
    });
  });

  it('takes a submodule that is fetched', async () => {
    const inner = await AppRepository.create({ 'inner.txt': 'from the submodule' });
    try {
      repository = await AppRepository.create(app);
      repository.git(
        '-c',
        'protocol.file.allow=always',
        'submodule',
        '--quiet',
        'add',
        inner.app,
        'vendor/inner',
      );
      await repository.commit({}, 'v2');
      const machine = repository.builder('one');
      const { release } = await buildOn(machine, 'v2');
      const manifest = await manifestIn(machine, release);
      expect(manifest.files.map((file) => file.path)).toContain('vendor/inner/inner.txt');
    } finally {
      await inner.remove();
    }
  });
});

describe('build --check', () => {
  it('finds nothing in a build that repeats, and names what differs with a hint', async () => {
    repository = await AppRepository.create(app);
    const machine = repository.builder('one');
    await expect(checkOn(machine)).rejects.toMatchObject({ kind: 'refused' });
    await buildOn(machine);
    expect(await checkOn(machine)).toMatchObject({ same: true, differences: [] });

    const script = 'mkdir -p bin && pwd > bin/tool && date +%N > stamp.pyc && chmod +x bin/tool';
    await repository.commit({ 'lockstep.yaml': appYaml(steps(sh(script))) }, 'v2');
    await buildOn(machine, 'v2');
    const check = await checkOn(machine, 'v2');
    expect(check.same).toBe(false);
    expect(check.differences).toEqual([
      { path: 'bin/tool', change: 'changed', hint: expect.stringContaining('absolute path') },
      { path: 'stamp.pyc', change: 'changed', hint: expect.stringContaining('--no-compile') },
    ]);
  });
});

it('clears away a tree with read-only directories', async () => {
  repository = await AppRepository.create({
    ...app,
    'lockstep.yaml': appYaml(steps(sh('mkdir locked && touch locked/x && chmod 0555 locked'))),
  });
  const machine = repository.builder('one');
  await buildOn(machine);
  expect(await readdir(path.join(repository.directory, 'one/work'))).toEqual([]);
});
