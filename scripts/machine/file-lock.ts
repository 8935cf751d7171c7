import { randomUUID } from 'node:crypto';
import { link, open, readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { errored } from '../domain/errors.ts';
import { codeOf, ignoring, isWriterAlive, removeQuietly } from './durable-files.ts';

const usualPatienceSeconds = 60;
const pauseMilliseconds = 20;

/**
 * Runs `work` while no other process of this machine does so under the same file. A lock whose process died is taken
 * over; for a few lines of work, unless `patienceSeconds` says how long others may take.
 *
 * @throws LockstepError errored when another process keeps it longer
 */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  { patienceSeconds = usualPatienceSeconds }: { patienceSeconds?: number } = {},
): Promise<T> {
  const deadline = performance.now() + patienceSeconds * 1000;
  while (!(await tryLock(file))) {
    await removeDead(file);
    if (performance.now() > deadline) {
      throw errored(`another process holds ${file}`, {
        fix: `Run the command again; if no lockstep runs on this machine, remove ${file} and ${file}.takeover.`,
        retry: true,
      });
    }
    await setTimeout(pauseMilliseconds);
  }
  try {
    return await work();
  } finally {
    await removeQuietly(file);
  }
}

/** Linking makes the lock appear with its owner in it: nobody ever reads an empty one. */
async function tryLock(file: string): Promise<boolean> {
  const own = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(own, String(process.pid), { flag: 'wx', mode: 0o600 });
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await removeQuietly(own);
  }
}

/**
 * Only who holds the takeover may remove another's lock, and looks again first: two takers could otherwise remove
 * the dead process's lock and, right after, the lock of the quicker of them.
 */
async function removeDead(file: string): Promise<void> {
  if (!(await isDead(file))) return;
  const takeover = `${file}.takeover`;
  const handle = await ignoring(['EEXIST'], () => open(takeover, 'wx', 0o600));
  if (handle === undefined) return;
  await handle.close();
  try {
    if (await isDead(file)) await removeQuietly(file);
  } finally {
    await removeQuietly(takeover);
  }
}

async function isDead(file: string): Promise<boolean> {
  const owner = await ignoring(['ENOENT'], () => readFile(file, 'utf8'));
  return owner !== undefined && !(await isWriterAlive(Number(owner), file));
}
