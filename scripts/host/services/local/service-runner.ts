import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../../domain/errors.ts';
import {
  identityOf,
  isAlive,
  type ProcessIdentity,
  signalProcess,
} from '../../../machine/process-identity.ts';
import { adoptService, type ServiceProcess, settleAttempt, startService } from './service-process.ts';
import type { UnitRecord } from './supervisor-state.ts';

const firstDelayMilliseconds = 100;
const longestDelayMilliseconds = 10_000;
/** A process that lived this long was well: its next crash starts the delays from the beginning. */
const wellAfterMilliseconds = 60_000;

/** How long to wait before a start, after so many crashes in a row. */
export function restartDelayMilliseconds(crashes: number): number {
  return Math.min(firstDelayMilliseconds * 2 ** Math.min(crashes, 20), longestDelayMilliseconds);
}

/** Keeps one service running until it is told to stop. */
export class ServiceRunner {
  readonly record: UnitRecord;
  readonly #directory: string;
  readonly #save: () => Promise<void>;
  readonly #stopping = new AbortController();
  readonly #startedOnce = Promise.withResolvers<void>();
  #process: ServiceProcess | undefined;
  #loop: Promise<void> | undefined;

  /** `directory`: where claim files lie. `save` writes the records of all runners down. */
  constructor(record: UnitRecord, directory: string, save: () => Promise<void>) {
    this.record = record;
    this.#directory = directory;
    this.#save = save;
  }

  /**
   * Watches the process that an earlier supervisor left, if it lives; otherwise answers false and starts
   * nothing.
   */
  async adopt(): Promise<boolean> {
    this.#process = await this.#findEarlier();
    if (this.#process === undefined) return false;
    await this.start();
    return true;
  }

  /** Resolves when the service runs, or was started once, whatever became of it. */
  async start(): Promise<void> {
    this.#loop ??= this.#keepRunning().finally(() => this.#startedOnce.resolve());
    await this.#startedOnce.promise;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const { unit } = this.record;
    const running = this.#process;
    if (running?.identity !== undefined && (await isAlive(running.identity))) {
      const timeUp = new AbortController();
      await signalProcess(running.identity, unit.stopSignal);
      const ended = await Promise.race([
        running.exited.then(() => true),
        wait(unit.stopTimeoutSeconds * 1000, false, { signal: timeUp.signal }).catch(() => false),
      ]);
      timeUp.abort();
      if (!ended) await signalProcess(running.identity, 'SIGKILL', 'group');
    }
    await this.#loop;
  }

  async #keepRunning(): Promise<void> {
    let crashes = 0;
    while (!this.#stopping.signal.aborted) {
      const begun = performance.now();
      const exit = await this.#runOnce();
      this.#process = undefined;
      if (this.record.attempt !== null) await rm(this.#claimFile(this.record.attempt), { force: true });
      Object.assign(this.record, { attempt: null, process: null, lastExit: exit });
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - begun > wellAfterMilliseconds) crashes = 0;
      this.record.restarts++;
      await this.#save();
      await wait(restartDelayMilliseconds(crashes++), undefined, { signal: this.#stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  /** From the start of a process (or its adoption) to its end, with nothing left of its group. */
  async #runOnce(): Promise<string> {
    try {
      this.#process ??= await this.#launch();
    } catch (error) {
      this.#startedOnce.resolve();
      return `could not be started: ${messageOf(error)}`;
    }
    this.#startedOnce.resolve();
    // Stop was asked for while the process started and did not see it yet.
    if (this.#stopping.signal.aborted && this.#process.identity !== undefined)
      await signalProcess(this.#process.identity, 'SIGKILL', 'group');
    const exit = await this.#process.exited;
    if (this.#process.identity !== undefined) await killRest(this.#process.identity);
    return exit;
  }

  async #findEarlier(): Promise<ServiceProcess | undefined> {
    const { attempt, process } = this.record;
    if (attempt === null) return undefined;
    const claimFile = this.#claimFile(attempt);
    const identity = process ?? (await settleAttempt(claimFile));
    if (identity !== undefined && (await isAlive(identity))) {
      this.record.process = identity;
      await this.#save();
      return adoptService(identity);
    }
    // Its main process died unseen; workers of it may still hold the port. A claim that was given up stays:
    // the process of that attempt may be on its way yet.
    if (identity !== undefined) {
      await killRest(identity);
      await rm(claimFile, { force: true });
    }
    return undefined;
  }

  async #launch(): Promise<ServiceProcess> {
    const attempt = randomBytes(8).toString('hex');
    Object.assign(this.record, { attempt, process: null, startedAt: new Date().toISOString() });
    await this.#save();
    const started = await startService(this.record.unit, this.#claimFile(attempt));
    this.record.process = started.identity ?? null;
    await this.#save();
    return started;
  }

  #claimFile(attempt: string): string {
    return path.join(this.#directory, `claim-${attempt}`);
  }
}

/**
 * Kills what is left of a group whose leader is gone. Its number can't go to a new process while a member
 * lives, so a living process of that number is a stranger's, and there is no rest of ours.
 */
async function killRest({ pid }: ProcessIdentity): Promise<void> {
  if ((await identityOf(pid)) !== undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
