import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { errored, messageOf } from '../../../domain/errors.ts';
import { type WriteOptions, writeAtomically } from '../../../machine/atomic-file.ts';
import { namesIn } from '../../../machine/directory.ts';
import type { Supervisor, Unit, UnitStatus } from '../../place/supervisor.ts';
import { readEnvironment } from '../local/service-process.ts';
import { managerNames, show, systemctl, systemEnvironment } from './systemctl.ts';
import { logTimer, renderLogLimit } from './systemd-log-limit.ts';
import { isIdle, processStatus } from './systemd-state.ts';
import { contentIn, exitFile, renderUnit, serviceOf, unitName } from './systemd-unit.ts';
import { renderEnvironmentFile } from './systemd-words.ts';

const run = promisify(execFile);

/**
 * In memory: a machine that starts anew has none of our units, until the agent has verified what they run.
 */
const unitDirectory = '/run/systemd/system';
const environmentDirectory = '/run/lockstep/environment';
const inMemory = (mode: number): WriteOptions => ({ mode, fsync: false });

/** A unit and the environment that it reads, as they shall stand on the machine. */
type Rendered = { name: string; text: string; environmentFile: string; environment: string; logFile: string };

/**
 * The agent's way to systemd on a host that is a machine of its own. Nothing of ours stays resident: systemd
 * itself keeps the services running. A service's environment is read when it is started by the agent; a
 * crashed one gets the same again, since another environment is another `content`. Needs root, and one host's
 * agent a machine.
 */
export class SystemdSupervisor implements Supervisor {
  readonly #user: string;

  /** `user`: who services run as. It has to be there (infra/boot/boot.sh makes it). */
  constructor(user: string) {
    this.#user = user;
  }

  async start(units: readonly Unit[]): Promise<void> {
    const names = await managerNames();
    const wanted = await Promise.all(units.map((unit) => this.#render(unit, names)));
    const texts = new Map(wanted.map(({ name, text }) => [name, text]));
    const installed = await installedUnits();
    await remove([...installed].filter(([name, text]) => texts.get(name) !== text).map(([name]) => name));
    if (wanted.length === 0) return;
    for (const each of wanted) await put(each);
    for (const [name, text] of Object.entries(renderLogLimit(wanted.map(({ logFile }) => logFile))))
      await writeAtomically(path.join(unitDirectory, name), text, inMemory(0o644));
    await systemctl(['daemon-reload']);
    await systemctl(['start', logTimer]);
    await startIdle(wanted.map(({ name }) => name));
  }

  async stop(): Promise<string[]> {
    const names = [...(await installedUnits()).keys()];
    await remove(names);
    return names.flatMap((name) => serviceOf(name) ?? []).sort();
  }

  async status(): Promise<UnitStatus[]> {
    const installed = await installedUnits();
    const shown = await show([...installed.keys()]);
    const units = await Promise.all(
      [...installed].map(async ([name, text]) => {
        const service = serviceOf(name) ?? name;
        const process = processStatus(service, shown.get(name), await keptExit(service));
        return { content: contentIn(text), process };
      }),
    );
    return units.sort((left, right) => (left.process.service < right.process.service ? -1 : 1));
  }

  /**
   * The shared directory may be a file system that gives everything to one owner by itself (an access point
   * of EFS): the user has that owner's ids, and nothing is to be changed there. Services may be running, and
   * may put a link in the place of what is theirs: only the directory that was opened is given, and only
   * where it stands at that very path.
   */
  async giveToServices(directory: string): Promise<void> {
    const [uid, gid] = [await this.#id('-u'), await this.#id('-g')];
    const opened = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      const found = await opened.stat();
      if (found.uid === uid && found.gid === gid) return;
      const at = await realpath(`/proc/self/fd/${opened.fd}`);
      if (at !== directory) throw errored(`${directory} leads to ${at}`);
      await opened.chown(uid, gid);
    } catch (error) {
      throw errored(
        `the owner of ${directory} can't be set to ${this.#user} (${uid}:${gid}): ${messageOf(error)}`,
        {
          fix: 'Set files.uid and files.gid in Pulumi.yaml to those of its owner.',
        },
      );
    } finally {
      await opened.close();
    }
  }

  async #id(which: string): Promise<number> {
    try {
      return Number((await run('id', [which, this.#user], { env: systemEnvironment })).stdout);
    } catch (error) {
      throw errored(
        `the user ${this.#user}, which services run as, does not exist on this host: ${messageOf(error)}`,
        {
          fix: 'Restart the host: lockstep-boot.service makes the user.',
        },
      );
    }
  }

  async #render(unit: Unit, names: readonly string[]): Promise<Rendered> {
    const environment = await readEnvironment(unit.environmentFile);
    const environmentFile = path.join(environmentDirectory, unit.service);
    return {
      name: unitName(unit.service),
      text: renderUnit(unit, { user: this.#user, environment, environmentFile, managerNames: names }),
      environmentFile,
      environment: renderEnvironmentFile(environment),
      logFile: unit.logFile,
    };
  }
}

async function put({ name, text, environmentFile, environment, logFile }: Rendered): Promise<void> {
  await mkdir(environmentDirectory, { recursive: true, mode: 0o700 });
  await mkdir(unitDirectory, { recursive: true });
  await mkdir(path.dirname(logFile), { recursive: true });
  await writeAtomically(environmentFile, environment, inMemory(0o600));
  // Made here with the mode that it shall have: systemd opens it before it becomes the service's user.
  await (await open(logFile, 'a', 0o640)).close();
  await writeAtomically(path.join(unitDirectory, name), text, inMemory(0o644));
}

/**
 * Stops units and forgets them, with their counters and failures: systemd drops what is idle and has no file.
 */
async function remove(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await stopAll(names);
  // Both refuse where there is nothing to do. A unit that ended by a failure would stay in memory.
  await systemctl(['reset-failed', ...names]).catch(() => undefined);
  await systemctl(['stop', logTimer]).catch(() => undefined);
  const files = [...names, ...Object.keys(renderLogLimit([]))];
  for (const name of files) await rm(path.join(unitDirectory, name), { force: true });
  for (const name of names)
    await rm(path.join(environmentDirectory, serviceOf(name) ?? name), { force: true });
}

/**
 * A unit that systemd could not read has nothing to stop, which must not keep the others from being replaced.
 */
async function stopAll(names: readonly string[]): Promise<void> {
  try {
    await systemctl(['stop', ...names]);
  } catch (error) {
    const left = await show(names);
    if (names.some((name) => !isIdle(left.get(name)))) throw error;
  }
}

/**
 * Each started once, healthy or not: of a program that is not there systemctl says that it failed, and
 * systemd goes on.
 */
async function startIdle(names: readonly string[]): Promise<void> {
  const before = await show(names);
  const idle = names.filter((name) => isIdle(before.get(name)));
  if (idle.length === 0) return;
  const failure = await systemctl(['start', ...idle]).then(
    () => undefined,
    (error: unknown) => error,
  );
  const after = await show(idle);
  const left = idle.filter((name) => isIdle(after.get(name)));
  if (left.length > 0) {
    throw errored(`systemd did not start ${left.join(', ')}: ${messageOf(failure)}`, {
      fix: `Look at \`systemctl status ${left.join(' ')}\` on the host.`,
    });
  }
}

/** Name -> text of every unit of a service. */
async function installedUnits(): Promise<ReadonlyMap<string, string>> {
  const names = (await namesIn(unitDirectory)).filter((name) => serviceOf(name) !== undefined);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(path.join(unitDirectory, name), 'utf8')] as const),
    ),
  );
}

/** Written by the service's own user, who may have put anything there: a short regular file, or nothing. */
async function keptExit(service: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(exitFile(service), flags).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
