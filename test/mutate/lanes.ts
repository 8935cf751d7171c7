import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Answer, Question } from './lane.ts';

const copied = ['scripts', 'infra', 'test', 'examples', 'package.json', 'tsconfig.json'];

export type Verdict = Answer & { timedOut: boolean };

/** A copy of the repository and a process in it that runs tests; the checkout itself is never changed. */
export class Lane {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'lockstep-mutate-'));
  #child: ChildProcess | undefined;

  constructor(root: string) {
    for (const name of copied) {
      cpSync(path.join(root, name), path.join(this.#directory, name), { recursive: true });
    }
    mkdirSync(path.join(this.#directory, 'node_modules'));
    rmSync(path.join(this.#directory, 'node_modules'), { recursive: true });
    symlinkSync(path.join(root, 'node_modules'), path.join(this.#directory, 'node_modules'));
  }

  /**
   * A process that does not answer in time is ended with all that it started: the mutant made something hang.
   */
  async ask(question: Question, patienceMilliseconds: number): Promise<Verdict> {
    const child = await this.#running();
    child.send(question);
    const stop = AbortSignal.timeout(Math.round(patienceMilliseconds));
    try {
      const [answer] = (await once(child, 'message', { signal: stop })) as [Answer];
      return { ...answer, timedOut: false };
    } catch {
      await this.#end();
      writeFileSync(path.join(this.#directory, question.file), question.source);
      return { killed: true, by: null, timedOut: true };
    }
  }

  async close(): Promise<void> {
    await this.#end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #running(): Promise<ChildProcess> {
    if (this.#child !== undefined) return this.#child;
    // A group of its own, so that workers end with it.
    const child = fork(path.join(import.meta.dirname, 'lane.ts'), [this.#directory], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    await once(child, 'message');
    return child;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
}
