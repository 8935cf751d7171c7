import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeAtomically } from '../../scripts/machine/atomic-file.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-atomic-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('makes a file and its directories, for its owner alone unless another mode is asked for', async () => {
  const file = path.join(directory, 'a', 'b', 'file.json');
  await writeAtomically(file, 'text');
  expect(await readFile(file, 'utf8')).toBe('text');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeAtomically(file, new Uint8Array([1, 2]), { mode: 0o444, fsync: false });
  expect([...(await readFile(file))]).toEqual([1, 2]);
  expect((await stat(file)).mode & 0o777).toBe(0o444);
  expect(await readdir(path.dirname(file))).toEqual(['file.json']);
});

test('whoever reads while it is replaced sees one content or the other, whole', async () => {
  const file = path.join(directory, 'file');
  const contents = ['a', 'b'].map((letter) => letter.repeat(1_000_000));
  await writeAtomically(file, contents[0] ?? '');
  let writing = true;
  const write = async () => {
    for (let n = 0; n < 20; n++) await writeAtomically(file, contents[n % 2] ?? '', { fsync: false });
    writing = false;
  };
  const read = async () => {
    while (writing) expect(contents.includes(await readFile(file, 'utf8'))).toBe(true);
  };
  await Promise.all([write(), read()]);
});

test('leaves nothing beside the file when it fails', async () => {
  await mkdir(path.join(directory, 'taken', 'by'), { recursive: true });
  await expect(writeAtomically(path.join(directory, 'taken'), 'text')).rejects.toThrow('EISDIR');
  expect(await readdir(directory)).toEqual(['taken']);
});
