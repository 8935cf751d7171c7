import { execFileSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logLimitBytes } from '../../../../scripts/host/place/supervisor.ts';
import { SystemdSupervisor } from '../../../../scripts/host/services/systemd/systemd-supervisor.ts';
import { shellUnit, supervisorContract, until } from '../../../support/contracts/supervisor-contract.ts';
import { hardWord } from '../../../support/run/hard-words.ts';
import { skippedBecause } from '../../../support/run/skipped-because.ts';

/** Runs inside a machine of its own: systemd-machine.test.ts boots one, and starts this file there. */
const outside =
  process.env.LOCKSTEP_INSIDE_MACHINE === '1' ? null : 'runs in a machine: npm run test:machine';
const [uid, gid] = [10_001, 10_001];

async function create() {
  const supervisor = new SystemdSupervisor('lockstep');
  // Not under /tmp, of which each service has its own.
  const directory = await mkdtemp('/var/lib/lockstep-contract-');
  await chown(directory, uid, gid);
  const close = async () => {
    await supervisor.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { supervisor, directory, close };
}

describe('systemd', skippedBecause(outside), () => {
  supervisorContract('systemd', create);

  const withSupervisor = async (run: (under: Awaited<ReturnType<typeof create>>) => Promise<void>) => {
    const under = await create();
    try {
      await run(under);
    } finally {
      await under.close();
    }
  };
  const pidOf = async ({ supervisor }: { supervisor: SystemdSupervisor }) => {
    const pid = (await supervisor.status())[0]?.process.pid;
    if (pid == null) throw new Error('the service does not run');
    return pid;
  };
  const listIn = async (file: string) => (await readFile(file, 'utf8')).split('\0').slice(0, -1);

  test('gives arguments and environment as they are, whatever signs are in them', () =>
    withSupervisor(async (under) => {
      const words = ['', ' ', ';', ...fc.sample(hardWord, 300)];
      const unit = await shellUnit(under.directory, 'web', '');
      const environment = Object.fromEntries(words.map((word, index) => [`V${index}`, word]));
      await writeFile(unit.environmentFile, JSON.stringify(environment));
      const command = ['/bin/sh', '-c', 'while :; do sleep 1; done', ...words];
      await under.supervisor.start([{ ...unit, command }]);
      const pid = await pidOf(under);
      expect(await listIn(`/proc/${pid}/cmdline`)).toEqual(command);
      const variables = await listIn(`/proc/${pid}/environ`);
      expect(variables.sort()).toEqual(words.map((word, index) => `V${index}=${word}`).sort());
    }));

  test("finds a program along the service's own PATH and from its directory", () =>
    withSupervisor(async (under) => {
      const bin = path.join(under.directory, 'bin');
      await mkdir(bin);
      await writeFile(path.join(bin, 'tool'), '#!/bin/sh\necho "tool $1"; exec sleep 60\n', { mode: 0o755 });
      const [first, second] = await Promise.all(
        ['by-path', 'by-place'].map((each) => shellUnit(under.directory, each, '')),
      );
      if (first === undefined || second === undefined) throw new Error('two units');
      await writeFile(first.environmentFile, JSON.stringify({ PATH: `${bin}:/usr/bin:/bin` }));
      await under.supervisor.start([
        { ...first, command: ['tool', 'one'] },
        { ...second, command: ['bin/tool', 'two'] },
      ]);
      await until(async () => (await readFile(first.logFile, 'utf8')) === 'tool one\n');
      await until(async () => (await readFile(second.logFile, 'utf8')) === 'tool two\n');
    }));

  test('runs services as their own user, who writes where it was told and nowhere else', () =>
    withSupervisor(async (under) => {
      const script =
        'for at in . /var/lib /run /etc /dev/shm; do echo x 2>/dev/null >"$at/written" && echo "$at"; done; id -u; exec sleep 60';
      const unit = await shellUnit(under.directory, 'web', script);
      await under.supervisor.start([unit]);
      await until(async () => (await readFile(unit.logFile, 'utf8')).includes(`${uid}`));
      expect(
        (await readFile(unit.logFile, 'utf8'))
          .split('\n')
          .filter((line) => !line.includes('Permission') && !line.includes('Read-only')),
      ).toEqual(['.', '/dev/shm', String(uid), '']);
      expect((await stat(path.join(under.directory, 'written'))).uid).toBe(uid);
    }));

  test('gives directories to that user, once', () =>
    withSupervisor(async ({ supervisor, directory }) => {
      const mine = path.join(directory, 'mine');
      await mkdir(mine);
      await supervisor.giveToServices(mine);
      expect(await stat(mine)).toMatchObject({ uid, gid });
      await supervisor.giveToServices(mine);

      await symlink('/etc', path.join(directory, 'led-away'));
      await expect(supervisor.giveToServices(path.join(directory, 'led-away'))).rejects.toThrow();
      await symlink(directory, path.join(directory, 'around'));
      await mkdir(path.join(directory, 'other'));
      const around = path.join(directory, 'around', 'other');
      await expect(supervisor.giveToServices(around)).rejects.toThrow(`leads to ${directory}/other`);
    }));

  test('keeps environments to root, leaves nothing enabled, and nothing at all when it stopped', () =>
    withSupervisor(async (under) => {
      await under.supervisor.start([await shellUnit(under.directory, 'web', 'exec sleep 60')]);
      expect((await stat('/run/lockstep/environment/web')).mode & 0o777).toBe(0o600);
      const enabled = execFileSync('systemctl', ['is-enabled', 'lockstep-app-web.service']);
      expect(enabled.toString()).toBe('static\n');
      await under.supervisor.stop();
      const loaded = () => execFileSync('systemctl', ['list-units', '--all', '--no-legend', 'lockstep-*']);
      await until(async () => loaded().toString() === '');
      const left = execFileSync('find', [
        '/run/systemd/system',
        '/run/lockstep',
        '-name',
        '*lockstep-*',
        '-o',
        '-name',
        'web',
      ]);
      expect(left.toString()).toBe('');
    }));

  test('bounds a log that grows, while its service goes on writing to it', () =>
    withSupervisor(async (under) => {
      const script = `head -c ${logLimitBytes + 1} /dev/zero; echo; while :; do echo more; sleep 0.05; done`;
      const unit = await shellUnit(under.directory, 'web', script);
      await under.supervisor.start([unit]);
      await until(async () => (await stat(unit.logFile)).size > logLimitBytes);
      execFileSync('systemctl', ['start', 'lockstep-logs.service']);
      expect((await stat(`${unit.logFile}.1`)).size).toBeGreaterThan(logLimitBytes);
      await until(async () => /^(more\n)+$/.test(await readFile(unit.logFile, 'utf8')));
    }));
});
