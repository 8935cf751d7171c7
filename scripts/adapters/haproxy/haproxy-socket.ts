import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { errored, refused } from '../../domain/errors.ts';
import { codeOf, ignoring } from '../../machine/system-error.ts';

/** A socket's path may have about 104 bytes and HAProxy adds `.<pid>.tmp` to it while it starts. */
const longestSocketPath = 90;

/**
 * Where the runtime socket of the balancer is made whose files are in `directory`: outside the project, whose
 * path may be too long. Depends on TMPDIR, so the place is written down when the balancer first starts.
 */
export function runtimeSocketPath(directory: string): string {
  const uid = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(path.resolve(directory)).digest('hex').slice(0, 16);
  const inside = (home: string) => path.join(home, `lockstep-${uid}-${hash}`, 'admin.sock');
  const preferred = inside(os.tmpdir());
  return Buffer.byteLength(preferred) <= longestSocketPath ? preferred : inside('/tmp');
}

/**
 * Makes the socket's directory, which only this user may enter: who else made it would command the balancer.
 * @throws LockstepError refused when it is somebody else's or open to others.
 */
export async function guardSocket(socket: string): Promise<void> {
  const holder = path.dirname(socket);
  await ignoring(['EEXIST'], () => mkdir(holder, { mode: 0o700 }));
  const found = await lstat(holder);
  if (found.isDirectory() && found.uid === (process.getuid?.() ?? 0) && (found.mode & 0o077) === 0) return;
  throw refused(`${holder} is not a directory that only this user may enter`, {
    fix: 'Find out who made it, then remove it: whoever may enter it commands the balancer.',
  });
}

/** One command to HAProxy's runtime socket; undefined when nobody listens there. */
export async function askHaproxy(socket: string, command: string): Promise<string | undefined> {
  try {
    const connection = net.createConnection({ path: socket });
    connection.setTimeout(20_000, () =>
      connection.destroy(errored('the balancer has not answered for 20 s', { retry: true })),
    );
    connection.write(`${command}\n`);
    return await text(connection);
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** What `show stat` says of one server. */
export type ServerStatistics = { status: string; currentSessions: number; queued: number };

/**
 * Parses `show stat`: CSV whose first line, after `# `, names the columns. Server name -> its line in
 * `backend`.
 */
export function parseStatistics(csv: string, backend: string): Map<string, ServerStatistics> {
  const [head = '', ...lines] = csv.split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const found = new Map<string, ServerStatistics>();
  for (const line of lines) {
    const cells = line.split(',');
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    const server = cell('svname');
    if (cell('pxname') !== backend || server === '' || server === 'BACKEND') continue;
    found.set(server, {
      status: cell('status'),
      currentSessions: Number(cell('scur')),
      queued: Number(cell('qcur')),
    });
  }
  return found;
}
