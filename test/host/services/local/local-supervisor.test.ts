import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleAgent } from '../../../../scripts/adapters/build/agent-bundle.ts';
import { hostProcesses } from '../../../../scripts/host/services/local/host-processes.ts';
import { LocalSupervisor } from '../../../../scripts/host/services/local/local-supervisor.ts';
import { restartDelayMilliseconds } from '../../../../scripts/host/services/local/service-runner.ts';
import {
  isAlive,
  shellUnit,
  supervisorContract,
  until,
} from '../../../support/contracts/supervisor-contract.ts';

let agentDirectory = '';
let agent = '';
beforeAll(async () => {
  agentDirectory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-agent-'));
  agent = path.join(agentDirectory, 'agent.mjs');
  await writeFile(agent, (await bundleAgent()).bytes);
});
afterAll(() => rm(agentDirectory, { recursive: true, force: true }));

/** `depth` makes the root's path as long as a deep project's. */
async function create(depth = 0) {
  const base = await mkdtemp(path.join(os.tmpdir(), 'lockstep-supervisor-'));
  const root = path.join(base, ...Array.from({ length: depth }, () => 'a-long-name-of-a-directory'));
  const directory = path.join(base, 'services');
  const command = [process.execPath, agent, 'supervise', '--root', root] as const;
  const supervisor = new LocalSupervisor(root, command, process.env.PATH ?? '');
  await mkdir(root, { recursive: true });
  const close = async () => {
    await supervisor.stop();
    await until(async () => (await hostProcesses(root)).supervisor === null);
    await rm(base, { recursive: true, force: true });
  };
  return { supervisor, directory, root, close };
}

supervisorContract('the local supervisor', create);

describe('the local supervisor', () => {
  test('adopts what its killed predecessor left running, and starts nothing twice', async () => {
    const { supervisor, directory, root, close } = await create();
    try {
      const unit = await shellUnit(directory, 'web', 'echo started; exec sleep 60');
      await supervisor.start([unit]);
      const before = await hostProcesses(root);
      process.kill(pidOf(before.supervisor), 'SIGKILL');
      await until(async () => (await hostProcesses(root)).supervisor === null);

      const [status] = await supervisor.status();
      expect(status?.process.pid).toBe(before.services[0]?.process.pid);
      const after = await hostProcesses(root);
      expect(after.supervisor?.pid).not.toBe(before.supervisor?.pid);
      await supervisor.start([unit]);
      expect((await supervisor.status())[0]?.process).toMatchObject({
        pid: status?.process.pid,
        restarts: 0,
      });

      process.kill(pidOf(status?.process), 'SIGKILL');
      await until(async () => (await supervisor.status())[0]?.process.restarts === 1);
      await until(async () => isAlive((await supervisor.status())[0]?.process.pid ?? null));
    } finally {
      await close();
    }
  });

  test('never runs a service twice, however often it is killed while it starts one', async () => {
    const { supervisor, directory, root, close } = await create();
    try {
      const unit = await shellUnit(directory, 'web', 'echo $$ >> started; exec sleep 60');
      for (let delay = 0; delay < 60; delay += 15) {
        const work = supervisor.start([{ ...unit, content: String(delay) }]).catch(() => undefined);
        await until(async () => (await hostProcesses(root)).supervisor !== null);
        await new Promise((resolve) => setTimeout(resolve, delay));
        const owner = (await hostProcesses(root)).supervisor;
        if (owner !== null) process.kill(owner.pid, 'SIGKILL');
        await work;
      }
      const listed = (await hostProcesses(root)).services.map(({ process }) => process.pid);
      expect(listed).toHaveLength(1);
      const started = async () =>
        (await readFile(path.join(directory, 'started'), 'utf8').catch(() => ''))
          .trim()
          .split('\n')
          .map(Number);
      // It is listed as soon as it was started, and may not have come to write its line.
      await until(async () => (await started()).includes(listed[0] ?? 0));
      expect((await started()).filter(isAlive)).toEqual(listed);
    } finally {
      await close();
    }
  });

  test('is not brought back by a question when no service of it lives: that takes an activation or boot', async () => {
    const { supervisor, directory, root, close } = await create();
    try {
      await supervisor.start([await shellUnit(directory, 'web', 'exec sleep 60')]);
      const { supervisor: owner, services } = await hostProcesses(root);
      const service = services[0]?.process;
      if (owner === null || service === undefined) throw new Error('the host runs nothing');
      process.kill(owner.pid, 'SIGKILL');
      process.kill(-service.pid, 'SIGKILL');
      await until(async () => {
        const left = await hostProcesses(root);
        return left.supervisor === null && left.services.length === 0;
      });
      expect((await supervisor.status())[0]?.process).toMatchObject({ service: 'web', pid: null });
      expect((await hostProcesses(root)).supervisor).toBeNull();
    } finally {
      await close();
    }
  });

  test.runIf(process.platform === 'linux')('works under a root whose path no socket could have', async () => {
    const { supervisor, directory, close } = await create(6);
    await supervisor.start([await shellUnit(directory, 'web', 'exec sleep 60')]);
    expect(isAlive((await supervisor.status())[0]?.process.pid ?? null)).toBe(true);
    await close();
  });

  test('waits longer before each start, from a tenth of a second to ten', () => {
    expect([0, 1, 2, 6, 7, 100].map(restartDelayMilliseconds)).toEqual([100, 200, 400, 6400, 10_000, 10_000]);
  });
});

/** Never 0: a signal to process 0 goes to the whole group of the tests themselves. */
function pidOf(process: { pid: number | null } | null | undefined): number {
  if (process?.pid == null) throw new Error('there is no process to kill');
  return process.pid;
}
