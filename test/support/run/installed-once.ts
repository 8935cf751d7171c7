import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../scripts/domain/errors.ts';
import { DirectoryStore } from '../../../scripts/store/directory-store.ts';
import { ProcessLock } from '../../../scripts/store/process-lock.ts';

/** A directory that holds this file is filled. */
const ready = 'ready';

export const isInstalled = (directory: string): boolean => existsSync(path.join(directory, ready));

/**
 * Fills `directory` by `make`, once a machine: whoever comes meanwhile, from another run too, waits and finds
 * it filled. What a killed process or a failure left half made is made anew.
 */
export async function installedOnce(
  directory: string,
  make: () => Promise<void>,
  options: { patienceSeconds?: number } = {},
): Promise<void> {
  if (isInstalled(directory)) return;
  const locks = new DirectoryStore(`${directory}.lock`);
  const work = async () => {
    if (isInstalled(directory)) return;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    try {
      await make();
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
    writeFileSync(path.join(directory, ready), '');
  };
  await new ProcessLock(locks, 'install.json', directory).during('install', work, options);
}

/**
 * Why the tests that need `what` are skipped; null where it could be installed. In CI nothing is skipped for
 * that: tests that always ran would silently cease to.
 *
 * @throws Error in CI, when it can't be installed
 */
export async function whyNotInstalled(
  what: string,
  install: () => Promise<void>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  try {
    await install();
    return null;
  } catch (error) {
    const [first = ''] = messageOf(error).split('\n');
    const why = `${what} could not be installed: ${first}`;
    if (environment.CI === 'true' || environment.CI === '1') throw new Error(why, { cause: error });
    return why;
  }
}
