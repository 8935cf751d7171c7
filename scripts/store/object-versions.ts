import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isWriterAlive, removeQuietly } from '../machine/atomic-file.ts';
import { ignoring } from '../machine/system-error.ts';
import type { ByteRange, StoredObject } from './object-store.ts';

/** The version files `=1`, `=2`, … of one object of a {@link DirectoryStore}; its rules stand there. */
const keptVersions = 8;

export const highest = (versions: readonly number[]): number | undefined => versions.at(-1);

export async function versionsIn(directory: string): Promise<number[]> {
  const names = (await ignoring(['ENOENT'], () => readdir(directory))) ?? [];
  return names
    .filter((name) => /^=[1-9][0-9]*$/.test(name))
    .map((name) => Number(name.slice(1)))
    .sort((left, right) => left - right);
}

/** Number and time of writing: a number that comes back after a delete is another etag. */
export const etagFrom = (version: number, { mtimeNs, ino }: { mtimeNs: bigint; ino: bigint }): string =>
  `${version}-${mtimeNs.toString(36)}-${ino.toString(36)}`;

export async function etagOf(directory: string, version: number): Promise<string | undefined> {
  const status = await ignoring(['ENOENT'], () =>
    stat(path.join(directory, `=${version}`), { bigint: true }),
  );
  return status && etagFrom(version, status);
}

export async function readVersion(
  directory: string,
  version: number,
  range?: ByteRange,
): Promise<StoredObject> {
  const handle = await open(
    path.join(directory, `=${version}`),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const status = await handle.stat({ bigint: true });
    const size = Number(status.size);
    const offset = Math.min(range?.offset ?? 0, size);
    const body = Buffer.allocUnsafeSlow(Math.min(range?.length ?? size, size - offset));
    for (let done = 0; done < body.length; ) {
      const { bytesRead } = await handle.read(body, done, body.length - done, offset + done);
      if (bytesRead === 0) throw new Error(`${directory} ended early`);
      done += bytesRead;
    }
    return { body, etag: etagFrom(version, status) };
  } finally {
    await handle.close();
  }
}

/** Removes what lies more than {@link keptVersions} below `newest` and isn't held by a writer that lives. */
export async function prune(directory: string, newest: number): Promise<void> {
  let floor = newest - keptVersions;
  for (const name of await readdir(directory)) {
    const [, version, writer] = /^=on-([0-9]+)-([0-9]+)-/.exec(name) ?? [];
    if (version === undefined) continue;
    const file = path.join(directory, name);
    if (await isWriterAlive(Number(writer), file)) floor = Math.min(floor, Number(version));
    else await removeQuietly(file);
  }
  for (const version of await versionsIn(directory)) {
    if (version > 1 && version < floor) await removeQuietly(path.join(directory, `=${version}`));
  }
}
