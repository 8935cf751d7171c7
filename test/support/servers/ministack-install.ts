import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { installedOnce } from '../run/installed-once.ts';

const version = '1.5.33';
/** Without it the emulator has no asymmetric keys. */
const cryptography = '50.0.2';
/**
 * Beside the cached root of the boot contract; not under node_modules, which an `npm ci` empties at any time.
 */
const environment = path.join(homedir(), '.cache', 'lockstep', `ministack-${version}`);

/** The Python that has the emulator. */
export const ministackPython = path.join(environment, 'bin', 'python');

/**
 * Makes the virtual environment of the emulator where there is none yet: before the tests (global-setup.ts),
 * never in one.
 */
export async function installMinistack(): Promise<void> {
  await installedOnce(environment, async () => {
    const run = promisify(execFile);
    await run('python3', ['-m', 'venv', environment]);
    const options = ['-m', 'pip', 'install', '--quiet', '--retries', '2'];
    await run(ministackPython, [...options, `ministack==${version}`, `cryptography==${cryptography}`]);
  });
}
