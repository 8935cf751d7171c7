import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from './directory.ts';
import { codeOf, ignoring } from './system-error.ts';

export type WriteOptions = {
  mode?: number;
  /**
   * False where nothing reads it after a power failure: what tells of living processes, or lies in
   * memory.
   */
  fsync?: boolean;
};

/**
 * Replaces a file so that every reader sees the old content or the new, never a part; after a power
 * failure too, unless `fsync` is false. Makes the directory where it is missing. What a kill -9 leaves is
 * called `.tmp-…`.
 */
export async function writeAtomically(
  file: string,
  content: string | Uint8Array,
  { mode = 0o600, fsync = true }: WriteOptions = {},
): Promise<void> {
  const directory = path.dirname(file);
  await mkdir(directory, { recursive: true });
  const temporary = path.join(directory, `.tmp-${process.pid}-${randomBytes(8).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      if (fsync) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
  if (fsync) await syncDirectory(directory);
}

/** Removes a file, or finds it gone. */
export async function removeQuietly(file: string): Promise<void> {
  await ignoring(['ENOENT'], () => unlink(file));
}

const dayInMilliseconds = 24 * 60 * 60 * 1000;

/**
 * Does the process that writes this temporary file still live? A file that nobody has written to for a day
 * belongs to a process whose number was given to another.
 */
export async function isWriterAlive(pid: number, file: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const status = await ignoring(['ENOENT'], () => lstat(file));
  return status !== undefined && Date.now() - status.mtimeMs < dayInMilliseconds;
}
