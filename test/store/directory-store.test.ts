import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../scripts/domain/errors.ts';
import { DirectoryStore } from '../../scripts/store/directory-store.ts';
import { objectStoreContract, textAt } from '../support/contracts/object-store-contract.ts';

/**
 * In memory where there is such a place: this file calls fsync a thousand times, and no test can see what it
 * does.
 */
const temporaryRoot = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const bytes = (text: string) => new TextEncoder().encode(text);

objectStoreContract('a directory', async () => {
  const root = await mkdtemp(path.join(temporaryRoot, 'lockstep-store-'));
  return {
    open: () => new DirectoryStore(path.join(root, 'store')),
    remove: () => rm(root, { recursive: true }),
  };
});

describe('a directory between processes', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(temporaryRoot, 'lockstep-store-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('loses no update when writers are killed at any point, and stays usable', async () => {
    const script = path.resolve('test/support/run/count-up.ts');
    /** Runs one counting process; killed after `killAfter` increments. Gives the increments it told us of. */
    const count = (times: number, killAfter?: number) =>
      new Promise<number>((resolve, reject) => {
        const child = spawn(process.execPath, [script, root, String(times)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let done = 0;
        child.stdout.on('data', (chunk: Buffer) => {
          done += chunk.length;
          if (killAfter !== undefined && done >= killAfter) child.kill('SIGKILL');
        });
        child.on('error', reject);
        child.on('close', () => resolve(done));
      });
    const killed = async () => {
      let done = 0;
      for (const after of [1, 5, 3]) done += await count(1_000_000, after);
      return done;
    };
    const told = await Promise.all([count(25), count(25), killed()]);
    const counted = Number(await textAt(new DirectoryStore(root), 'counters/shared'));
    const sum = told.reduce((all, each) => all + each, 0);
    // A process killed between its link and its line has counted once more than it told: at most one for each
    // kill.
    expect(counted).toBeGreaterThanOrEqual(sum);
    expect(counted).toBeLessThanOrEqual(sum + 3);
    expect(told.slice(0, 2)).toEqual([25, 25]);

    await new DirectoryStore(root).putIfAbsent('after/all', bytes('usable'));
    expect(await readdir(path.join(root, '=tmp'))).toEqual([]);
    expect((await readdir(path.join(root, 'counters/shared'))).length).toBeLessThan(16);
  });

  it('sweeps the temporary files of dead processes and of no living one', async () => {
    const dead = spawnSync(process.execPath, ['--eval', '']).pid;
    await mkdir(path.join(root, '=tmp'), { recursive: true });
    await writeFile(path.join(root, '=tmp', `${dead}-left`), 'half an object');
    await writeFile(path.join(root, '=tmp', `${process.ppid}-busy`), 'half an object');
    await new DirectoryStore(root).putIfAbsent('a', bytes('x'));
    expect(await readdir(path.join(root, '=tmp'))).toEqual([`${process.ppid}-busy`]);
  });

  it('follows no link out of its root', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'lockstep-outside-'));
    try {
      await mkdir(path.join(outside, 'key'));
      await writeFile(path.join(outside, 'key', '=1'), 'not ours');
      const store = new DirectoryStore(root);
      await store.putIfAbsent('real/key', bytes('ours'));
      await symlink(outside, path.join(root, 'linked'));
      await expect(store.get('linked/key')).rejects.toThrow(/links in the store are not followed/);
      await expect(store.putIfAbsent('linked/new', bytes('x'))).rejects.toThrow(LockstepError);
      await expect(store.delete('linked/key')).rejects.toThrow(LockstepError);
      expect(await readdir(outside)).toEqual(['key']);
      await symlink(path.join(outside, 'key', '=1'), path.join(root, 'real/key', '=2'));
      await expect(store.get('real/key')).rejects.toThrow();
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it('leaves nothing half-visible on a full disk and says what to do', async (context) => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', root]);
    if (mounted.status !== 0) return context.skip('mounting a small file system needs root on Linux');
    try {
      const store = new DirectoryStore(root);
      await store.putIfAbsent('small', bytes('fits'));
      async function* large() {
        for (let n = 0; n < 64; n++) yield new Uint8Array(16_384);
      }
      const error = await store.putIfAbsent('large', large()).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(LockstepError);
      expect(error).toMatchObject({
        kind: 'errored',
        retry: true,
        fix: expect.stringContaining('Free space'),
      });
      expect(await store.get('large')).toBeUndefined();
      expect(await readdir(path.join(root, '=tmp'))).toEqual([]);
      const { etag } = (await store.get('small')) ?? { etag: '' };
      await expect(store.putIfMatch('small', new Uint8Array(1 << 20), etag)).rejects.toThrow(/full/);
      expect(await textAt(store, 'small')).toBe('fits');
      expect(await store.putIfMatch('small', bytes('still works'), etag)).not.toBe('mismatch');
    } finally {
      spawnSync('umount', [root]);
    }
  });
});
