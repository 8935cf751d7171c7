import { logLimitBytes } from '../../place/supervisor.ts';
import { commandLine } from './systemd-words.ts';

const everySeconds = 30;

export const logTimer = 'lockstep-logs.timer';

const shorten = `for log; do
[ "$(stat -c %s "$log")" -le ${logLimitBytes} ] || { cp "$log" "$log.1" && : >"$log"; }
done`;

/**
 * Units that keep logs bounded, by name: a timer and what it runs, since nothing of ours stays resident.
 * Pure. Services hold their log open in append mode, so it is copied and emptied, not renamed: what is
 * written between the two may be lost.
 */
export function renderLogLimit(logFiles: readonly string[]): Record<string, string> {
  return {
    'lockstep-logs.service': `[Unit]
Description=Lockstep: bound the logs of services

[Service]
Type=oneshot
ExecStart=${commandLine(['/bin/sh', '-c', shorten, 'sh', ...logFiles])}
LogLevelMax=warning
`,
    [logTimer]: `[Unit]
Description=Lockstep: bound the logs of services

[Timer]
OnActiveSec=${everySeconds}
OnUnitInactiveSec=${everySeconds}
AccuracySec=5
`,
  };
}
