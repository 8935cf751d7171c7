import { randomBytes } from 'node:crypto';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { frameSize } from '../../../scripts/domain/release/pack.ts';
import type { FileEntry, ReleaseManifest } from '../../../scripts/domain/release/release.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { materialise, planFetch } from '../../../scripts/host/disk/materialise.ts';
import { rehash } from '../../../scripts/host/disk/rehash.ts';
import { removeTree } from '../../../scripts/machine/directory.ts';
import { MemoryStore } from '../../support/fakes/memory-store.ts';
import { type Files, manifestOf, storePack } from '../../support/fakes/packed-release.ts';

const mtimeSeconds = 1_700_000_000;
const clean = { changed: [], missing: [], extra: [], count: 0 };

let directory: string;
let store: MemoryStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lockstep-materialise-'));
  store = new MemoryStore();
});
afterEach(() => removeTree(directory));

const large = randomBytes(frameSize + 12_345);
const files: Files = {
  'app.js': 'console.log("one")',
  'bin/start': { program: '#!/bin/sh' },
  'bin/latest': { link: 'start' },
  'data/empty': '',
  'data/large.bin': large,
  'data/twin.js': 'console.log("one")',
  'zz/last.txt': 'the last file crosses into the last frame',
};
const at = (name: string) => path.join(directory, name);
const write = (manifest: ReleaseManifest, packs: string[], name = 'a', held: string[] = []) =>
  materialise({
    store,
    manifest,
    packs,
    target: at(name),
    held: held.map((each) => ({ directory: at(each), manifest })),
    mtimeSeconds,
  });

it('writes a tree whose every byte, mode, link and time is as told', async () => {
  const manifest = manifestOf(files, { shared: ['uploads/in'], scratch: ['cache'] });
  const pack = await storePack(store, manifest, files);
  const transfer = await write(manifest, [pack]);

  expect(transfer).toEqual({
    filesReused: 0,
    filesFetched: 5,
    bytesFetched: (await store.get(storeKeys.pack(pack)))?.body.length,
  });
  expect(await rehash(at('a'), manifest)).toEqual(clean);
  expect(large.equals(await readFile(at('a/data/large.bin')))).toBe(true);
  expect(await readlink(at('a/uploads/in'))).toBe('../../../shared/uploads/in');
  expect(await readlink(at('a/cache'))).toBe('../../scratch/cache');
  for (const { path: each, type } of [{ path: '', type: 'directory' }, ...manifest.files]) {
    const status = await lstat(path.join(at('a'), each));
    expect(status.mtimeMs, each).toBe(mtimeSeconds * 1000);
    if (type === 'directory') expect(status.mode & 0o7777, each).toBe(0o555);
  }
  expect((await stat(at('a/bin/start'))).mode & 0o7777).toBe(0o555);
  expect((await stat(at('a/app.js'))).mode & 0o7777).toBe(0o444);
});

it('copies what the disk holds, never by hard link, and fetches only the frames that it lacks', async () => {
  const first = manifestOf(files);
  const pack = await storePack(store, first, files);
  await write(first, [pack]);
  const changed: Files = { ...files, 'app.js': 'console.log("two")' };
  const second = manifestOf(changed);
  const stored = new Set(first.files.flatMap((file) => (file.type === 'file' ? [file.sha256] : [])));
  const newPack = await storePack(store, second, changed, stored);
  const held = [{ directory: at('a'), manifest: first }];

  const plan = await planFetch({ store, manifest: second, packs: [pack, newPack], held });
  const transfer = await materialise({
    store,
    manifest: second,
    packs: [pack, newPack],
    target: at('b'),
    held,
    mtimeSeconds,
  });
  expect(transfer).toEqual({
    filesReused: 4,
    filesFetched: 1,
    bytesFetched: (await store.get(storeKeys.pack(newPack)))?.body.length,
  });
  expect(plan).toEqual(transfer);
  expect(await rehash(at('b'), second)).toEqual(clean);
  expect((await stat(at('b/data/large.bin'))).nlink).toBe(1);
});

it('fetches one frame of a large pack when one small file is missing', async () => {
  const manifest = manifestOf(files);
  const pack = await storePack(store, manifest, files);
  const only = manifestOf({ 'zz/last.txt': files['zz/last.txt'] ?? '' });
  const { bytesFetched } = await write(only, [pack]);
  expect(bytesFetched).toBeLessThan(frameSize);
  expect(bytesFetched).toBeGreaterThan(0);
});

it('does not trust what it holds: a damaged copy is fetched anew', async () => {
  const manifest = manifestOf(files);
  const pack = await storePack(store, manifest, files);
  await write(manifest, [pack]);
  await chmod(at('a/app.js'), 0o644);
  await writeFile(at('a/app.js'), 'console.log("0ne")');
  await chmod(at('a/zz'), 0o755);
  await removeTree(at('a/zz/last.txt'));
  const transfer = await write(manifest, [pack], 'b', ['a']);
  expect(transfer).toMatchObject({ filesReused: 2, filesFetched: 3 });
  expect(await rehash(at('b'), manifest)).toEqual(clean);
});

it('refuses bytes that are not what the signed manifest says, and packs that are cut, missing or bombs', async () => {
  const small: Files = { 'a.txt': 'aaaa', 'b.txt': 'bbbb' };
  const manifest = manifestOf(small);
  const pack = await storePack(store, manifest, { 'a.txt': 'aaaa', 'b.txt': 'evil' });
  await expect(write(manifest, [pack], 'one')).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('b.txt'),
  });

  await expect(write(manifest, [], 'two')).rejects.toThrow(/none of its packs/);
  await expect(write(manifest, ['0'.repeat(64)], 'three')).rejects.toThrow(/index is not in the store/);

  const good = await storePack(store, manifest, small);
  const index = await store.get(storeKeys.packIndex(good));
  const text = new TextDecoder().decode(index?.body);
  const rewrite = async (body: string) => {
    await store.delete(storeKeys.packIndex(good));
    await store.putIfAbsent(storeKeys.packIndex(good), Buffer.from(body));
  };
  await rewrite(text.replace('"size":8', '"size":4'));
  await expect(write(manifest, [good], 'four')).rejects.toThrow(/index is not valid/);
  await rewrite(text.replaceAll('"size":8', '"size":9'));
  await expect(write(manifest, [good], 'five')).rejects.toThrow(/another size/);
  await rewrite(text.replace('"size":8', '"size":4').replace('"offset":4', '"offset":0'));
  await expect(write(manifest, [good], 'bomb')).rejects.toThrow(/can't be decompressed/);
  await rewrite(text);
  await store.delete(storeKeys.pack(good));
  await expect(write(manifest, [good], 'six')).rejects.toThrow(/not in the store/);
});

it('writes nothing outside the target, whatever a manifest says', async () => {
  const entry = (path: string): FileEntry => ({
    type: 'file',
    path,
    mode: '0444',
    size: 0,
    sha256: '0'.repeat(64),
  });
  const link = (path: string, target: string): FileEntry => ({ type: 'link', path, target });
  const bad: FileEntry[][] = [
    [entry('../out')],
    [entry('/tmp/out')],
    [entry('a/../../out')],
    [link('a', '/etc'), entry('a/passwd')],
    [link('a', '../..')],
    [link('a', 'b/../../..')],
    [{ type: 'directory', path: 'd' }, link('d/a', '../..')],
    [link('uploads', '../../shared/other')],
    [entry('b'), entry('a')],
    [entry('a'), entry('a')],
    [entry('a'), entry('a/b')],
  ];
  const whole = manifestOf({}, { shared: ['uploads'] });
  for (const [n, list] of bad.entries()) {
    const error = await write({ ...whole, files: list }, [], `bad-${n}`).catch((caught: unknown) => caught);
    expect(error, JSON.stringify(list)).toMatchObject({ kind: 'failed' });
  }
  expect(await readdir(directory)).toEqual([]);
});

it('stops when it is told to', async () => {
  const manifest = manifestOf(files);
  const pack = await storePack(store, manifest, files);
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  const options = { store, manifest, packs: [pack], target: at('a'), held: [], mtimeSeconds };
  await expect(materialise({ ...options, signal: stop.signal })).rejects.toThrow('enough');
});

it('names every kind of damage', async () => {
  const manifest = manifestOf({ ...files, 'gone.txt': 'gone', 'dir/inner': 'x' });
  const pack = await storePack(store, manifest, { ...files, 'gone.txt': 'gone', 'dir/inner': 'x' });
  await write(manifest, [pack]);
  for (const each of ['', 'bin', 'data', 'dir']) await chmod(path.join(at('a'), each), 0o755);
  await chmod(at('a/app.js'), 0o644);
  await writeFile(at('a/app.js'), 'console.log("0ne")');
  await chmod(at('a/app.js'), 0o444);
  await removeTree(at('a/gone.txt'));
  await removeTree(at('a/bin/latest'));
  await symlink('../app.js', at('a/bin/latest'));
  await chmod(at('a/bin/start'), 0o755);
  await writeFile(at('a/data/extra.txt'), 'x');
  await mkdir(at('a/data/added'));
  await removeTree(at('a/dir'));
  await symlink('data', at('a/dir'));
  await removeTree(at('a/data/twin.js'));
  await link(at('a/app.js'), at('a/data/twin.js'));
  await chmod(at('a/data'), 0o555);
  const damage = await rehash(at('a'), manifest);
  expect(damage).toEqual({
    changed: ['.', 'app.js', 'bin', 'bin/latest', 'bin/start', 'data/twin.js', 'dir'],
    missing: ['dir/inner', 'gone.txt'],
    extra: ['data/added', 'data/extra.txt'],
    count: 11,
  });
  expect((await rehash(at('nowhere'), manifest)).count).toBe(manifest.files.length);
});

it('cuts long lists of damage and keeps the count whole', async () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`f${n}`, `${n}`]));
  await mkdir(at('empty'));
  const damage = await rehash(at('empty'), manifestOf(many));
  expect(damage.missing).toHaveLength(100);
  expect(damage.count).toBe(151);
});
