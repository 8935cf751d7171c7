import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file whole or not at all, and makes it survive a power failure. */
export async function writeDurably(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = path.join(path.dirname(file), `.tmp-${process.pid}-${randomBytes(4).toString('hex')}`);
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** Points a link somewhere else in one rename: whoever looks sees the old target or the new one. */
export async function swapLink(link: string, target: string): Promise<void> {
  if ((await linkTarget(link)) === target) return;
  const temporary = path.join(path.dirname(link), `.link-${process.pid}-${randomBytes(4).toString('hex')}`);
  await symlink(target, temporary);
  await rename(temporary, link);
}

/** Where a link leads, or undefined where there is none. */
export async function linkTarget(link: string): Promise<string | undefined> {
  return readlink(link).catch(() => undefined);
}

/** Names in a directory; none where it does not exist. */
export async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
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

export async function ensureDirectory(directory: string, mode = 0o755): Promise<void> {
  await mkdir(directory, { recursive: true, mode });
}
