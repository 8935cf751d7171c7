import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inject } from 'vitest';
import { freePort } from '../../../scripts/adapters/local/loopback.ts';
import { ministackPython } from './ministack-install.ts';

const startMilliseconds = 60_000;

/** Why there is no emulator, in words for the name of a skipped test; null where there is one. */
export const whyNoMinistack = (): string | null => inject('whyNoMinistack');

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

  static async start(): Promise<Ministack> {
    const directory = mkdtempSync(path.join(tmpdir(), 'lockstep-ministack-'));
    const port = await freePort('127.0.0.1');
    const child = spawn(ministackPython, ['-m', 'ministack'], {
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
