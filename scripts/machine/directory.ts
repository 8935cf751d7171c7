import { chmod, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ignoring } from './system-error.ts';

/** Names in a directory; none where it does not exist. */
export async function namesIn(directory: string): Promise<string[]> {
  return (await ignoring(['ENOENT'], () => readdir(directory))) ?? [];
}

export async function ensureDirectory(directory: string, mode = 0o755): Promise<void> {
  await mkdir(directory, { recursive: true, mode });
}

/** Removes a tree whose directories are read-only. Links are removed, never followed. */
export async function removeTree(directory: string): Promise<void> {
  const status = await lstat(directory).catch(() => undefined);
  if (status?.isDirectory() === true) await makeWritable(directory);
  await rm(directory, { recursive: true, force: true });
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(path.join(directory, entry.name));
  }
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
