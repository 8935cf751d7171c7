import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Supervisor, Unit, UnitStatus } from '../../../scripts/host/place/supervisor.ts';
import { birthIn } from '../../../scripts/machine/process-identity.ts';

export type SupervisorUnderTest = {
  supervisor: Supervisor;
  /** An empty directory for the files of the test's services. */
  directory: string;
  close: () => Promise<void>;
};

/** What every supervisor of a host must do. Real processes; `/bin/sh` is all that their machine needs. */
export function supervisorContract(name: string, create: () => Promise<SupervisorUnderTest>): void {
  describe(`${name} as a supervisor`, () => {
    let under: SupervisorUnderTest;
    beforeEach(async () => {
      under = await create();
    });
    afterEach(() => under.close());

    const unit = (service: string, script: string, change: Partial<Unit> = {}) =>
      shellUnit(under.directory, service, script, change);
    const log = (service: string) => readFile(path.join(under.directory, `${service}.log`), 'utf8');
    const only = async (): Promise<UnitStatus | undefined> => (await under.supervisor.status())[0];

    test('runs each unit with its environment, directory and log, and nothing else', async () => {
      const script =
        'echo "$GREETING in $(pwd)"; env | cut -d= -f1 | sort | tr "\\n" " "; echo; exec sleep 60';
      await under.supervisor.start([await unit('web', script)]);
      await until(async () => (await log('web')).split('\n').length > 2);
      const [greeting, names] = (await log('web')).split('\n');
      expect(greeting).toBe(`hello in ${under.directory}`);
      // The shell of this test sets PWD for itself, its service does not get it from the supervisor.
      expect(
        names
          ?.trim()
          .split(' ')
          .filter((each) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(each)),
      ).toEqual(['GREETING', 'PATH']);
    });

    test('says of each unit whether it runs, since when and with which content', async () => {
      const before = Date.now();
      await under.supervisor.start([await unit('b', 'exec sleep 60'), await unit('a', 'exec sleep 60')]);
      const status = await under.supervisor.status();
      expect(status.map(({ process }) => process.service)).toEqual(['a', 'b']);
      for (const { process, content } of status) {
        expect(content).toBe('content-1');
        expect(isAlive(process.pid)).toBe(true);
        expect(process).toMatchObject({ restarts: 0, lastExit: null });
        expect(Date.parse(process.startedAt ?? '')).toBeGreaterThanOrEqual(before - 1000);
      }
    });

    test('leaves equal units alone, replaces changed ones and stops those that are gone', async () => {
      const [same, changing, leaving] = await Promise.all(
        ['same', 'changing', 'leaving'].map((each) => unit(each, 'exec sleep 60')),
      );
      if (same === undefined || changing === undefined || leaving === undefined)
        throw new Error('three units');
      await under.supervisor.start([same, changing, leaving]);
      const before = pids(await under.supervisor.status());
      await under.supervisor.start([same, { ...changing, content: 'content-2' }]);
      const after = pids(await under.supervisor.status());
      expect(Object.keys(after)).toEqual(['changing', 'same']);
      expect(after.same).toBe(before.same);
      expect(after.changing).not.toBe(before.changing);
      expect(isAlive(before.changing ?? null)).toBe(false);
      expect(isAlive(before.leaving ?? null)).toBe(false);
    });

    test('starts a crashed service again, counts it and says how it ended', async () => {
      await under.supervisor.start([await unit('web', '[ -e once ] && exec sleep 60; touch once; exit 7')]);
      await until(async () => {
        const process = (await only())?.process;
        return process?.restarts === 1 && process.pid !== null;
      });
      expect((await only())?.process.lastExit).toContain('7');
    });

    test('lets a service stop by its own signal', async () => {
      const script = 'trap "echo bye; exit 0" INT; echo ready; while :; do sleep 0.05; done';
      await under.supervisor.start([await unit('web', script, { stopSignal: 'SIGINT' })]);
      await until(async () => (await log('web')).includes('ready'));
      expect(await under.supervisor.stop()).toEqual(['web']);
      expect(await log('web')).toBe('ready\nbye\n');
      expect(await under.supervisor.status()).toEqual([]);
      expect(await under.supervisor.stop()).toEqual([]);
    });

    test('kills the whole group of a service that will not stop', async () => {
      const script =
        'trap "" TERM; sh -c \'trap "" TERM; echo $$ > child; while :; do sleep 0.05; done\' & while :; do sleep 0.05; done';
      await under.supervisor.start([await unit('web', script, { stopTimeoutSeconds: 1 })]);
      const child = await pidFrom(path.join(under.directory, 'child'));
      const main = (await only())?.process.pid ?? null;
      await under.supervisor.stop();
      await until(async () => !isAlive(child) && !isAlive(main));
    });

    test('leaves nothing of the group behind a main process that ended cleanly', async () => {
      const script =
        'sh -c \'trap "" TERM; echo $$ > child; while :; do sleep 0.05; done\' & trap "exit 0" TERM; while :; do sleep 0.05; done';
      await under.supervisor.start([await unit('web', script)]);
      const child = await pidFrom(path.join(under.directory, 'child'));
      await under.supervisor.stop();
      await until(async () => !isAlive(child));
    });

    test('reports a program that does not exist as crashing, and goes on with the others', async () => {
      const missing = { ...(await unit('missing', '')), command: ['no-such-program'] };
      await under.supervisor.start([missing, await unit('web', 'exec sleep 60')]);
      await until(async () => (await only())?.process.restarts !== 0);
      expect((await only())?.process.lastExit).not.toBeNull();
      expect((await under.supervisor.status())[1]?.process.pid).not.toBeNull();
    });
  });
}

export async function shellUnit(
  directory: string,
  service: string,
  script: string,
  change: Partial<Unit> = {},
): Promise<Unit> {
  await mkdir(directory, { recursive: true });
  const environmentFile = path.join(directory, `${service}.json`);
  await writeFile(environmentFile, JSON.stringify({ PATH: process.env.PATH, GREETING: 'hello' }));
  return {
    service,
    command: ['/bin/sh', '-c', script],
    workingDirectory: directory,
    environmentFile,
    content: 'content-1',
    stopSignal: 'SIGTERM',
    stopTimeoutSeconds: 5,
    logFile: path.join(directory, `${service}.log`),
    writable: [directory],
    ...change,
  };
}

function pids(status: readonly UnitStatus[]): Record<string, number | null> {
  return Object.fromEntries(status.map(({ process }) => [process.service, process.pid]));
}

/** A zombie is dead: whose parent was killed waits for init to look after it, however long that takes. */
export function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return birthIn(readFileSync(`/proc/${pid}/stat`, 'utf8'), '') !== undefined;
  } catch {
    return false;
  }
}

/** Polls what has no event to wait for: another process's state. */
export async function until(condition: () => Promise<boolean>, seconds = 30): Promise<void> {
  const giveUpAt = performance.now() + seconds * 1000;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error(`not so within ${seconds} s: ${condition}`);
    await wait(25);
  }
}

async function pidFrom(file: string): Promise<number> {
  await until(async () => (await readFile(file, 'utf8')).endsWith('\n'));
  return Number(await readFile(file, 'utf8'));
}
