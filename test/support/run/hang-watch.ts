import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** What a worker is at, as it notes it (time-bounds-setup.ts). */
export type Running = { what: string; file: string; since: number; bound: number };

/** One file a worker, named by its process id. `runner`: process id of the run. */
export const runningDirectory = (runner: number) => path.join(tmpdir(), `lockstep-running-${runner}`);

/**
 * A test and the hooks around it have each the bound for themselves. Nothing is ended earlier than this: on a
 * machine that many share, loading a file alone took more than a minute, and a worker ended by mistake loses
 * its tests.
 */
const bounds = 3;
const loadingMilliseconds = 240_000;

/**
 * Vitest's own time-outs are timers of the worker: code that never lets go of it (a loop over promises that
 * are resolved already is enough) would hang the whole run in silence. This ends such a worker, and names the
 * test.
 */
export default class HangWatch implements Reporter {
  readonly #leastMilliseconds: number;
  readonly #directory = runningDirectory(process.pid);
  readonly #ended = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ leastMilliseconds = loadingMilliseconds }: { leastMilliseconds?: number } = {}) {
    this.#leastMilliseconds = leastMilliseconds;
  }

  onTestRunStart(): void {
    this.#timer = setInterval(() => this.#look(), 1000).unref();
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    this.#ended.add(moduleId);
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #look(): void {
    for (const worker of namesIn(this.#directory)) {
      const running = readNote(path.join(this.#directory, worker));
      if (running === undefined || this.#ended.has(running.file)) continue;
      const { what, file, since, bound } = running;
      if (Date.now() - since < Math.max(this.#leastMilliseconds, bounds * bound)) continue;
      console.error(`hangs, so its process is ended: ${what} (${file})`);
      rmSync(path.join(this.#directory, worker));
      killQuietly(Number(worker));
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Undefined for a note that is being written just now. */
function readNote(file: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
