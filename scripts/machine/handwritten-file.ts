import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { usage } from '../domain/errors.ts';
import { codeOf } from './system-error.ts';

const maximumBytes = 1024 * 1024;

/**
 * A text file that people write, from a directory that was given. Not through a link, which could lead
 * anywhere.
 * @throws LockstepError usage when it is missing, not a regular file, not UTF-8, or larger than 1 MiB
 */
export async function readHandwritten(directory: string, name: string): Promise<string> {
  const file = path.join(directory, name);
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw usage(`there is no ${name} in ${directory}`, { cause: error });
    const why = codeOf(error) === 'ELOOP' ? 'is a link' : `can't be read (${codeOf(error)})`;
    throw usage(`${file} ${why}`, { fix: 'Put a regular, readable file there.', cause: error });
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw usage(`${file} is not a regular file`, { fix: 'Put a regular file there.' });
    if (status.size > maximumBytes) {
      throw usage(`${file} has ${status.size} bytes; ${maximumBytes} are allowed`, {
        fix: 'Keep data out of it.',
      });
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (codeOf(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw usage(`${file} is not UTF-8`, { fix: 'Save it as UTF-8.', cause: error });
  } finally {
    await handle.close();
  }
}
