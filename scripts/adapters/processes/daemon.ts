import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { errored, messageOf } from '../../domain/errors.ts';
import { removeQuietly, writeAtomically } from '../../machine/atomic-file.ts';
import {
  identityOf,
  isAlive,
  type ProcessIdentity,
  processIdentitySchema,
  signalProcess,
} from '../../machine/process-identity.ts';
import { ignoring } from '../../machine/system-error.ts';
import type { Clock } from '../../workflows/ports/clock.ts';

export type DaemonOptions = {
  /** For messages: `haproxy`. */
  name: string;
  /** Holds `<name>.process.json` and `<name>.log`; made where it is missing. */
  directory: string;
  /** The whole environment of the process. */
  environment: Readonly<Record<string, string>>;
  clock: Clock;
};

const pollMilliseconds = 20;
const readyTimeoutMilliseconds = 30_000;

/**
 * A process that outlives the command that started it, in a session and process group of its own. It is known
 * by pid and birth: what runs under a recorded pid and was born at another time is a stranger and is left
 * alone.
 */
export class Daemon {
  readonly #options: DaemonOptions;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  get logFile(): string {
    return path.join(this.#options.directory, `${this.#options.name}.log`);
  }

  get #recordFile(): string {
    return path.join(this.#options.directory, `${this.#options.name}.process.json`);
  }

  /** The process while it lives. */
  async running(): Promise<ProcessIdentity | undefined> {
    const text = await ignoring(['ENOENT'], () => readFile(this.#recordFile, 'utf8'));
    if (text === undefined) return undefined;
    const identity = processIdentitySchema.parse(JSON.parse(text));
    return (await isAlive(identity)) ? identity : undefined;
  }

  /**
   * @throws LockstepError errored when it ends, or `isReady` doesn't turn true in time; nothing is left
   *   running then.
   */
  async start(command: readonly [string, ...string[]], isReady: () => Promise<boolean>): Promise<void> {
    const { name, directory, clock } = this.#options;
    await mkdir(directory, { recursive: true });
    const [program, ...args] = command;
    const log = await open(this.logFile, 'w', 0o600);
    const child = spawn(program, args, {
      cwd: directory,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: this.#options.environment,
    });
    let failure: string | undefined;
    child.once('error', (error) => {
      failure = messageOf(error);
    });
    child.once('exit', (code, signal) => {
      failure ??= `it ended at once (${signal ?? `exit code ${code}`})`;
    });
    child.unref();
    await log.close();
    const identity = child.pid === undefined ? undefined : await identityOf(child.pid);
    if (identity !== undefined) await this.#record(identity);

    const giveUpAt = clock.monotonic() + readyTimeoutMilliseconds;
    while (failure === undefined && !(await isReady())) {
      if (clock.monotonic() > giveUpAt)
        failure = `it doesn't answer after ${readyTimeoutMilliseconds / 1000} s`;
      else await clock.wait(pollMilliseconds);
    }
    // Ready may be what an older process answered: only a living one of our own counts.
    if (failure === undefined && (identity === undefined || !(await isAlive(identity)))) failure = 'it ended';
    if (failure === undefined) return;
    await this.stop('SIGKILL', 0);
    throw errored(`${name} can't be started: ${failure}`, {
      details: await this.#lastLines(),
      fix: `\`lockstep doctor\` tells whether ${name} is there; its log is ${this.logFile}.`,
      retry: true,
    });
  }

  /** Sends a signal to it, if it lives. */
  async signal(signal: NodeJS.Signals): Promise<boolean> {
    const identity = await this.running();
    return identity !== undefined && (await signalProcess(identity, signal));
  }

  /** Asks it to end, then kills its whole group; returns when it is gone. */
  async stop(signal: NodeJS.Signals, patienceSeconds: number): Promise<void> {
    const { clock } = this.#options;
    const identity = await this.running();
    if (identity !== undefined) {
      await signalProcess(identity, signal, signal === 'SIGKILL' ? 'group' : 'process');
      const killAt = clock.monotonic() + patienceSeconds * 1000;
      while (await isAlive(identity)) {
        if (clock.monotonic() > killAt) await signalProcess(identity, 'SIGKILL', 'group');
        await clock.wait(pollMilliseconds);
      }
    }
    await removeQuietly(this.#recordFile);
  }

  async #record(identity: ProcessIdentity): Promise<void> {
    // No process of before lives after a power failure.
    await writeAtomically(this.#recordFile, JSON.stringify(identity), { fsync: false });
  }

  async #lastLines(): Promise<string[]> {
    const text = (await ignoring(['ENOENT'], () => readFile(this.logFile, 'utf8'))) ?? '';
    return text.trimEnd().split('\n').slice(-10);
  }
}
