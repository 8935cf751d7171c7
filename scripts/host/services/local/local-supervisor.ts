import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { errored } from '../../../domain/errors.ts';
import { isAlive } from '../../../machine/process-identity.ts';
import { hostPaths } from '../../place/host.ts';
import { type Supervisor, type Unit, type UnitStatus, unitStatusSchema } from '../../place/supervisor.ts';
import { askControl } from './control-socket.ts';
import { readSupervisorState, statusOf, type UnitRecord } from './supervisor-state.ts';

const answerSchema = z.strictObject({
  error: z.string().optional(),
  units: z.array(unitStatusSchema).optional(),
  stopped: z.array(z.string()).optional(),
});
type Answer = z.infer<typeof answerSchema>;

const startPatienceMilliseconds = 60_000;

/**
 * The agent's side of the local supervisor: asks the process behind the control socket and starts it where it
 * is needed. A supervisor that was killed comes back with the next verb as long as a service of it lives;
 * when none does, the machine went down, and only an activation or `boot` may start what it has verified.
 */
export class LocalSupervisor implements Supervisor {
  readonly #root: string;
  readonly #directory: string;
  readonly #command: readonly [string, ...string[]];
  readonly #path: string;

  /** `command` starts the supervisor's process; `searchPath` is the only variable that it is given. */
  constructor(root: string, command: readonly [string, ...string[]], searchPath: string) {
    this.#root = root;
    this.#directory = hostPaths(root).supervisor;
    this.#command = command;
    this.#path = searchPath;
  }

  async start(units: readonly Unit[]): Promise<void> {
    await mkdir(hostPaths(this.#root).logs, { recursive: true });
    await this.#askRunning({ command: 'start', units });
  }

  async stop(): Promise<string[]> {
    const running = await this.#ask({ command: 'status' });
    if (running === undefined && (await readSupervisorState(this.#directory)).length === 0) return [];
    const { stopped = [] } = await this.#askRunning({ command: 'stop' });
    while ((await this.#ask({ command: 'status' })) !== undefined) await wait(10);
    return stopped;
  }

  async status(): Promise<UnitStatus[]> {
    const answer = (await this.#ask({ command: 'status' })) ?? (await this.#revive());
    if (answer?.units !== undefined) return sorted(answer.units);
    const records = await readSupervisorState(this.#directory);
    return sorted(records.map((record) => statusOf({ ...record, process: null })));
  }

  /** They run as the agent's own user, to whom it belongs already. */
  async giveToServices(): Promise<void> {}

  async #revive(): Promise<Answer | undefined> {
    const records = await readSupervisorState(this.#directory);
    return (await anyAlive(records)) ? this.#askRunning({ command: 'status' }, ['--resume']) : undefined;
  }

  async #ask(request: unknown): Promise<Answer | undefined> {
    const answer = await askControl(this.#directory, request);
    if (answer === undefined) return undefined;
    const parsed = answerSchema.parse(answer);
    if (parsed.error !== undefined) throw errored(`the host's supervisor failed: ${parsed.error}`);
    return parsed;
  }

  /**
   * Asks the supervisor's process, starting it first where none listens. Every request may be asked again.
   */
  async #askRunning(request: unknown, options: readonly string[] = []): Promise<Answer> {
    const giveUpAt = performance.now() + startPatienceMilliseconds;
    let launched: ChildProcess | undefined;
    for (;;) {
      const answer = await this.#ask(request);
      if (answer !== undefined) return answer;
      if (performance.now() > giveUpAt) {
        throw errored("the host's supervisor did not come up", {
          retry: true,
          fix: `Look at ${path.join(this.#directory, 'supervisor.log')}.`,
        });
      }
      // One that ended met the owner of the supervisor's lock, which was about to end itself. One that is
      // merely slow must not get company: it would come up when everything has been stopped again.
      if (launched === undefined || launched.exitCode !== null || launched.signalCode !== null)
        launched = await this.#launch(options);
      await wait(20);
    }
  }

  async #launch(options: readonly string[]): Promise<ChildProcess> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const log = await open(path.join(this.#directory, 'supervisor.log'), 'a', 0o600);
    const [program, ...rest] = this.#command;
    const child = spawn(program, [...rest, ...options], {
      cwd: this.#root,
      env: { PATH: this.#path },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.on('error', () => undefined);
    child.unref();
    await log.close();
    return child;
  }
}

async function anyAlive(records: readonly UnitRecord[]): Promise<boolean> {
  for (const { process } of records) if (process !== null && (await isAlive(process))) return true;
  return false;
}

function sorted(units: readonly UnitStatus[]): UnitStatus[] {
  return units.toSorted((left, right) => (left.process.service < right.process.service ? -1 : 1));
}
