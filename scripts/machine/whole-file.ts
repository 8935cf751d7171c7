import { randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { removeQuietly, syncDirectory } from './durable-files.ts';

/**
 * Replaces a file so that every reader, also one after a crash, sees the old content or the new, never a
 * part.
 */
export async function writeWhole(file: string, text: string, mode = 0o600): Promise<void> {
  const directory = path.dirname(file);
  await mkdir(directory, { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectory(directory);
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
}
