import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ignoring } from '../../machine/system-error.ts';

/** Keys, secrets, the store and the environments of this machine, all of a project. */
export const stateDirectoryOf = (project: string) => path.join(project, '.lockstep');

/** Makes the directory for its owner alone, ignored by git: keys and secrets are never committed. */
export async function makeStateDirectory(project: string): Promise<void> {
  const directory = stateDirectoryOf(project);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await ignoring(['EEXIST'], () => writeFile(path.join(directory, '.gitignore'), '*\n', { flag: 'wx' }));
}
