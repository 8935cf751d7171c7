import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

/**
 * A process that can be told from a later one with the same number. `birth` is opaque: on Linux the boot's id
 * and the start time in clock ticks since boot, elsewhere what `ps` calls the start. A bare pid is never
 * trusted: numbers are used again, and a signal would meet a stranger.
 */
export const processIdentitySchema = z.strictObject({ pid: z.int().positive(), birth: z.string().min(1) });
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Undefined where no such process lives; a zombie doesn't. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const birth = process.platform === 'linux' ? await birthFromProc(pid) : await birthFromPs(pid);
  return birth === undefined ? undefined : { pid, birth };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.birth === identity.birth;
}

/** True when the signal went to that very process (or its group); false when it is gone. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  to: 'process' | 'group' = 'process',
): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    process.kill(to === 'group' ? -identity.pid : identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function birthFromProc(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    return birthIn(stat, boot);
  } catch {
    return undefined;
  }
}

/** The birth of the process that `/proc/<pid>/stat` tells of; undefined for a zombie. */
export function birthIn(stat: string, boot: string): string | undefined {
  // The command's name stands in parentheses and may hold anything: fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  return state === 'Z' || state === 'X' || startTicks === undefined
    ? undefined
    : `${boot.trim()}/${startTicks.trim()}`;
}

async function birthFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
    const [state = '', ...start] = stdout.trim().split(/\s+/);
    return start.length === 0 || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
