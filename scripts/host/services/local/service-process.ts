import { spawn } from 'node:child_process';
import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { birthIn, identityOf, isAlive, type ProcessIdentity } from '../../../machine/process-identity.ts';
import type { Unit } from '../../place/supervisor.ts';

/** A running service. `exited` resolves with a sentence about how it ended. */
export type ServiceProcess = { identity: ProcessIdentity | undefined; exited: Promise<string> };

/**
 * The new process claims its attempt by creating the claim file, then becomes the service under the same pid.
 * A supervisor that finds an attempt without a recorded process claims it itself: whoever is second gives
 * way, so a kill -9 between starting and writing down leaves neither an unknown process nor a second one.
 */
const claimThenBecome = `set -C
s=$$ b=
IFS= read -r s 2>/dev/null < "/proc/$$/stat"
IFS= read -r b 2>/dev/null < /proc/sys/kernel/random/boot_id
printf '%s\\n%s\\nend\\n' "$s" "$b" > "$1" || exit 125
set +C
shift
unset PWD OLDPWD SHLVL _
exec "$@"`;

const environmentSchema = z.record(z.string(), z.string());
const adoptedPollMilliseconds = 200;
/** Between fork and claim lie milliseconds; nobody's takes this long. */
const claimLifeMilliseconds = 60 * 60 * 1000;

/**
 * Between creating a claim and filling it a process may be kept waiting on a busy machine; giving up too
 * early would start a second one.
 */
const claimPatienceMilliseconds = 30_000;

/** The whole environment of a service. */
export async function readEnvironment(file: string): Promise<Record<string, string>> {
  return environmentSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** Starts a unit as the leader of its own session and process group, so that it outlives the supervisor. */
export async function startService(unit: Unit, claimFile: string): Promise<ServiceProcess> {
  const env = await readEnvironment(unit.environmentFile);
  const log = await open(unit.logFile, 'a', 0o640);
  try {
    const child = spawn('/bin/sh', ['-c', claimThenBecome, 'sh', claimFile, ...unit.command], {
      cwd: unit.workingDirectory,
      env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`),
      );
    });
    return { identity: child.pid === undefined ? undefined : await identityOf(child.pid), exited };
  } finally {
    await log.close();
  }
}

/**
 * Watches a process that an earlier supervisor started; it is nobody's child any more, so its exit code is
 * unknown.
 */
export function adoptService(identity: ProcessIdentity): ServiceProcess {
  const watch = async () => {
    while (await isAlive(identity)) await wait(adoptedPollMilliseconds);
    return 'ended while another supervisor watched it';
  };
  return { identity, exited: watch() };
}

/**
 * The process of an attempt that an earlier supervisor did not get to write down; undefined: none, nor ever
 * will be.
 */
export async function settleAttempt(claimFile: string): Promise<ProcessIdentity | undefined> {
  try {
    await writeFile(claimFile, 'given up\nend\n', { flag: 'wx' });
    return undefined;
  } catch {
    // Claimed by the process itself: it has written, or is about to write, who it is.
  }
  for (let waited = 0; waited < claimPatienceMilliseconds; waited += 10) {
    const lines = (await readFile(claimFile, 'utf8').catch(() => '')).split('\n');
    if (lines.includes('end')) return identityInClaim(lines);
    await wait(10);
  }
  return undefined;
}

/** Removes claims of processes that will not come any more. `known`: the attempts that records still name. */
export async function sweepClaims(directory: string, known: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(directory)) {
    const attempt = /^claim-(\w+)$/.exec(name)?.[1];
    if (attempt === undefined || known.has(attempt)) continue;
    const file = path.join(directory, name);
    const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > claimLifeMilliseconds) await rm(file, { force: true });
  }
}

async function identityInClaim([stat = '', boot = '']: readonly string[]): Promise<
  ProcessIdentity | undefined
> {
  const pid = Number.parseInt(stat, 10);
  if (!Number.isSafeInteger(pid)) return undefined;
  const found = await identityOf(pid);
  // Where there is no /proc the claim holds the bare pid, read back moments after it was written.
  return boot === '' || found?.birth === birthIn(stat, boot) ? found : undefined;
}
