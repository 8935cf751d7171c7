import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../scripts/adapters/local/loopback.ts';

const version = '1.5.33';
/** Without it the emulator has no asymmetric keys. */
const cryptography = '50.0.2';
/**
 * Beside the cached root of the boot contract; not under node_modules, which an `npm ci` empties at any time.
 */
const environment = path.join(homedir(), '.cache', 'lockstep', `ministack-${version}`);
const startMilliseconds = 60_000;

/**
 * An emulator of AWS (ministack, from PyPI) on the loopback, with nothing in it. It takes an access key of 12
 * digits as the account, so that several accounts can be told apart.
 */
export class Ministack {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(endpoint: string, child: ChildProcess, directory: string) {
    this.endpoint = endpoint;
    this.#child = child;
    this.#directory = directory;
  }

  /**
   * Makes the virtual environment where there is none yet; why it can't, in words for the name of a skipped
   * test.
   */
  static install(): string | null {
    const ready = path.join(environment, 'ready');
    if (existsSync(ready)) return null;
    if (spawnSync('python3', ['--version']).error !== undefined) return 'needs python3 on the PATH';
    rmSync(environment, { recursive: true, force: true });
    mkdirSync(path.dirname(environment), { recursive: true });
    try {
      execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
      const pip = [
        '-m',
        'pip',
        'install',
        '--quiet',
        `ministack==${version}`,
        `cryptography==${cryptography}`,
      ];
      execFileSync(path.join(environment, 'bin', 'python'), pip, { stdio: 'pipe' });
    } catch (error) {
      const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      return `needs ministack ${version} from PyPI: ${first}`;
    }
    writeFileSync(ready, '');
    return null;
  }

  static async start(): Promise<Ministack> {
    const directory = mkdtempSync(path.join(tmpdir(), 'lockstep-ministack-'));
    const port = await freePort('127.0.0.1');
    const child = spawn(path.join(environment, 'bin', 'python'), ['-m', 'ministack'], {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        TMPDIR: directory,
        GATEWAY_PORT: String(port),
        BIND_HOST: '127.0.0.1',
        LOG_LEVEL: 'ERROR',
        // Without one it would start containers for some of what is made.
        DOCKER_HOST: `unix://${directory}/no-docker`,
      },
      stdio: 'ignore',
    });
    const started = new Ministack(`http://127.0.0.1:${port}`, child, directory);
    const patience = AbortSignal.timeout(startMilliseconds);
    while (!(await started.#answers())) {
      if (patience.aborted || child.exitCode !== null) {
        await started.stop();
        throw new Error(`ministack did not answer within ${startMilliseconds / 1000} s`);
      }
      await wait(200);
    }
    return started;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await once(this.#child, 'exit');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return fetch(`${this.endpoint}/_ministack/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
