import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The id kept in a shared directory, made by the first host that asks: hosts with the same id see the same
 * files (field report S10). Null where the directory is not there.
 */
export async function sharedIdentity(directory: string): Promise<string | null> {
  const file = path.join(directory, '.lockstep-shared-id');
  const found = await readIdentity(file);
  if (found !== null) return found;
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, `${randomUUID()}\n`, { flag: 'wx', mode: 0o644 });
    // Only one of several hosts succeeds; all then read what it wrote, never half of it.
    await link(temporary, file);
  } catch {
    // Another host was first, or the directory is not there: the next read tells which.
  } finally {
    await rm(temporary, { force: true });
  }
  return readIdentity(file);
}

async function readIdentity(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^([0-9a-f-]{36})\n$/.exec(text)?.[1] ?? null;
}
