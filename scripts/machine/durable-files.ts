import { lstat, open, unlink } from 'node:fs/promises';

/** The `code` of an error from the system (`ENOENT`, …), else undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What `work` gives, or undefined when it fails with one of these codes. */
export async function ignoring<T>(codes: readonly string[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

export async function removeQuietly(file: string): Promise<void> {
  await ignoring(['ENOENT'], () => unlink(file));
}

/** Makes names in a directory survive a power failure; a directory that is gone needs nothing. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await ignoring(['ENOENT'], () => open(directory, 'r'));
  if (handle === undefined) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
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
