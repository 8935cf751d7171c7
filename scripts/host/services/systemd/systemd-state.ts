import { constants } from 'node:os';
import type { ProcessStatus } from '../../../domain/order/attestation.ts';

/** What `systemctl show` says of units. Pure. */

/** Asked for by name; a timestamp has microseconds and the zone UTC by `--timestamp=us+utc`. */
export const shownProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'MainPID',
  'NRestarts',
  'ExecMainStartTimestamp',
  'ExecMainCode',
  'ExecMainStatus',
] as const;
type Properties = Readonly<Partial<Record<(typeof shownProperties)[number], string>>>;

/** By the unit's name: a paragraph a unit, a property a line. */
export function parseShown(text: string): ReadonlyMap<string, Properties> {
  const units = text
    .split('\n\n')
    .map(
      (paragraph): Properties =>
        Object.fromEntries(
          paragraph
            .split('\n')
            .filter((line) => line.includes('='))
            .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        ),
    )
    .flatMap((properties) => (properties.Id === undefined ? [] : [[properties.Id, properties] as const]));
  return new Map(units);
}

/** True where neither a process of the unit lives nor the manager is about to start one. */
export function isIdle(properties: Properties | undefined): boolean {
  return properties === undefined || ['inactive', 'failed'].includes(properties.ActiveState ?? 'inactive');
}

/**
 * `kept`: what the unit's ExecStopPost= noted of the process before, `exited 7`; empty where none has ended.
 */
export function processStatus(
  service: string,
  properties: Properties | undefined,
  kept: string,
): ProcessStatus {
  const pid = Number(properties?.MainPID ?? 0);
  return {
    service,
    pid: pid === 0 ? null : pid,
    startedAt: pid === 0 ? null : startIn(properties?.ExecMainStartTimestamp ?? ''),
    restarts: Number(properties?.NRestarts ?? 0),
    lastExit: endIn(kept) ?? (pid === 0 ? lastEnd(properties) : null),
  };
}

/** `Sat 2026-11-21 21:11:31.123456 UTC`, in milliseconds as ISO 8601. */
function startIn(timestamp: string): string | null {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{3})\d*)? UTC$/.exec(timestamp);
  return found === null ? null : `${found[1]}T${found[2]}.${found[3] ?? '000'}Z`;
}

/**
 * Statuses that systemd gives where it could not start the program (systemd.exec(5), "Process exit codes").
 */
const startFailures: Readonly<Record<string, string>> = {
  200: 'its working directory does not exist',
  203: 'its program does not exist or cannot be run',
  209: 'its log cannot be written',
  217: 'its user does not exist',
  226: 'a directory that it writes to does not exist',
};

function endIn(kept: string): string | null {
  const [, code, status = ''] = /^(exited|killed|dumped) (\w+)\n?$/.exec(kept) ?? [];
  if (code === undefined) return null;
  if (code !== 'exited') return `ended by SIG${status}`;
  const why = startFailures[status];
  return why === undefined ? `exit code ${status}` : `exit code ${status}: ${why}, if it is systemd's own`;
}

/**
 * Where the program could not be started nothing was kept either; the manager knows it until the next start.
 */
function lastEnd(properties: Properties | undefined): string | null {
  const { ExecMainCode: code, ExecMainStatus: status = '' } = properties ?? {};
  // CLD_EXITED, CLD_KILLED, CLD_DUMPED of sigaction(2).
  if (code === '1') return endIn(`exited ${status}`);
  if (code !== '2' && code !== '3') return null;
  const signal = Object.entries(constants.signals).find(([, number]) => number === Number(status))?.[0];
  return `ended by ${signal ?? `signal ${status}`}`;
}
