import { copyFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ensureDirectory } from '../../../machine/directory.ts';
import type { ObjectStore } from '../../../store/object-store.ts';
import { hostPaths } from '../../place/host.ts';
import { supervisorLock } from '../../place/locks.ts';
import { logLimitBytes, type Unit, unitSchema } from '../../place/supervisor.ts';
import { serveControl } from './control-socket.ts';
import { sweepClaims } from './service-process.ts';
import { ServiceRunner } from './service-runner.ts';
import { readSupervisorState, statusOf, type UnitRecord, writeSupervisorState } from './supervisor-state.ts';

const controlRequestSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('start'), units: z.array(unitSchema) }),
  z.strictObject({ command: z.literal('stop') }),
  z.strictObject({ command: z.literal('status') }),
]);

/** How long a supervisor without a service waits to be told of one. */
const idleMilliseconds = 30_000;
const logCheckMilliseconds = 5_000;

/**
 * The small process that keeps a local host's services running (`agent.mjs supervise`). It adopts what an
 * earlier one left running, and ends when its last service has been stopped. SIGTERM stops everything first.
 *
 * `resume`: start what it does not find running. Without it, only what the first request asks for is started.
 */
export async function superviseHost(root: string, state: ObjectStore, resume: boolean): Promise<void> {
  const directory = hostPaths(root).supervisor;
  const release = await supervisorLock(state).tryAcquire('supervise');
  if (release === undefined) return;

  let runners: ServiceRunner[] = [];
  let saving = Promise.resolve();
  const save = () => {
    saving = saving.then(() =>
      writeSupervisorState(
        directory,
        runners.map(({ record }) => record),
      ),
    );
    return saving;
  };
  const run = (record: UnitRecord) => new ServiceRunner(record, directory, save);
  const ended = Promise.withResolvers<void>();

  const start = async (units: readonly Unit[]) => {
    const wanted = new Map(units.map((unit) => [unit.service, JSON.stringify(unit)]));
    const [kept, leaving] = [[] as ServiceRunner[], [] as ServiceRunner[]];
    for (const each of runners)
      (wanted.get(each.record.unit.service) === JSON.stringify(each.record.unit) ? kept : leaving).push(each);
    await Promise.all(leaving.map((each) => each.stop()));
    const known = new Set(kept.map(({ record }) => record.unit.service));
    const arriving = units
      .filter(({ service }) => !known.has(service))
      .map((unit) =>
        run({ unit, attempt: null, process: null, startedAt: null, restarts: 0, lastExit: null }),
      );
    runners = [...kept, ...arriving];
    await save();
    await Promise.all(arriving.map((each) => each.start()));
  };
  const stop = async () => {
    const stopped = runners.map(({ record }) => record.unit.service).sort();
    await Promise.all(runners.map((each) => each.stop()));
    runners = [];
    await save();
    return stopped;
  };

  const records = await readSupervisorState(directory);
  await ensureDirectory(directory, 0o700);
  await sweepClaims(directory, new Set(records.flatMap(({ attempt }) => attempt ?? [])));
  runners = records.map(run);
  const adopted = await Promise.all(runners.map((each) => each.adopt()));
  if (resume) await Promise.all(runners.map((each) => each.start()));
  else runners = runners.filter((_, index) => adopted[index] === true);

  let idle = setTimeout(() => runners.length === 0 && ended.resolve(), idleMilliseconds);
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const server = await serveControl(directory, async (input) => {
    const request = controlRequestSchema.parse(input);
    switch (request.command) {
      case 'status':
        return { units: runners.map(({ record }) => statusOf(record)) };
      case 'start':
        clearTimeout(idle);
        await inTurn(() => start(request.units));
        return {};
      case 'stop': {
        const stopped = await inTurn(stop);
        clearTimeout(idle);
        // Long enough for the answer to leave; the asker waits for this process to end.
        idle = setTimeout(() => ended.resolve(), 20);
        return { stopped };
      }
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void inTurn(stop).finally(() => ended.resolve()));
  const rotation = setInterval(() => void rotateLogs(runners), logCheckMilliseconds);

  await ended.promise;
  clearInterval(rotation);
  server.close();
  await release();
}

/**
 * Keeps logs bounded. Services hold their log open in append mode, so it is copied and emptied, not renamed:
 * what is written between the two may be lost.
 */
async function rotateLogs(runners: readonly ServiceRunner[]): Promise<void> {
  for (const { record } of runners) {
    const { logFile } = record.unit;
    try {
      if ((await stat(logFile)).size <= logLimitBytes) continue;
      await copyFile(logFile, path.join(path.dirname(logFile), `${path.basename(logFile)}.1`));
      await truncate(logFile, 0);
    } catch {
      // A full disk or a log that was just removed: the next round looks again.
    }
  }
}
