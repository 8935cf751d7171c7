import path from 'node:path';
import { errored } from '../../../domain/errors.ts';
import type { Unit } from '../../place/supervisor.ts';
import { commandLine, plain, quoted } from './systemd-words.ts';

/**
 * Units of services as text. Pure. systemd 252 (Amazon Linux 2023, Debian 12) and later read them:
 * systemd.service(5), systemd.exec(5), systemd.kill(5).
 */

/** Apart from units of the host itself, such as lockstep-boot.service: a service may be called `boot`. */
const prefix = 'lockstep-app-';

export function unitName(service: string): string {
  return `${prefix}${service}.service`;
}

/** The service of a unit's name; undefined for what is none of ours. */
export function serviceOf(name: string): string | undefined {
  return new RegExp(`^${prefix}([a-z0-9-]+)\\.service$`).exec(name)?.[1];
}

/**
 * How a service's last process ended, `exited 7` or `killed KILL`. In a directory that goes when the unit
 * stops.
 */
export function exitFile(service: string): string {
  return `/run/${prefix}${service}/exit`;
}

const keepExit = 'echo "$EXIT_CODE $EXIT_STATUS" >"$0"';

/**
 * Seconds between the end of a process and its next start. They don't grow: RestartSteps= and
 * RestartMaxDelaySec= are there only since systemd 254.
 */
const restartSeconds = 1;

/**
 * What systemd may give to a process by itself (systemd.exec(5), "Environment variables in spawned
 * processes", as of 258), but for what only an ExecStopPost= gets, which needs it.
 */
const namesOfSystemd = [
  ...['PATH', 'LANG', 'USER', 'LOGNAME', 'HOME', 'SHELL', 'TERM', 'PWD', 'INVOCATION_ID', 'SYSTEMD_EXEC_PID'],
  ...['XDG_RUNTIME_DIR', 'RUNTIME_DIRECTORY', 'STATE_DIRECTORY', 'CACHE_DIRECTORY', 'LOGS_DIRECTORY'],
  ...[
    'CONFIGURATION_DIRECTORY',
    'CREDENTIALS_DIRECTORY',
    'NOTIFY_SOCKET',
    'MANAGERPID',
    'MAINPID',
    'PIDFILE',
  ],
  ...['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'WATCHDOG_PID', 'WATCHDOG_USEC', 'JOURNAL_STREAM'],
  ...['LOG_NAMESPACE', 'MEMORY_PRESSURE_WATCH', 'MEMORY_PRESSURE_WRITE', 'DEBUG_INVOCATION', 'FDSTORE'],
];

export type UnitOptions = {
  /** Who the service runs as. */
  user: string;
  /** The service's whole environment. Its names and its PATH get into the unit, other values don't. */
  environment: Readonly<Record<string, string>>;
  /** Where the same environment stands for systemd. */
  environmentFile: string;
  /** Names that the manager gives to each of its processes by its own settings. */
  managerNames: readonly string[];
};

/**
 * One unit, without [Install]: only the agent starts it. `mixed` signals the main process alone, and kills
 * the whole control group when that has ended or time is up; no child can leave the group. Two habits of
 * systemd that the local supervisor doesn't have are switched off: SIGPIPE ignored, and all processes ended
 * when the kernel kills one for its memory.
 *
 * @throws LockstepError errored for what systemd has no way to write, such as a program with a quote in its
 *   path.
 */
export function renderUnit(
  unit: Unit,
  { user, environment, environmentFile, managerNames }: UnitOptions,
): string {
  const { service } = unit;
  if (serviceOf(unitName(service)) === undefined)
    throw errored(
      `service ${JSON.stringify(service)} can't be a unit of systemd: only a-z, 0-9 and - are allowed`,
    );
  const unwanted = [...namesOfSystemd, ...managerNames].filter((name) => !Object.hasOwn(environment, name));
  const text = {
    Unit: [
      `Description=Lockstep: service ${service}`,
      // For the way down: services end before the mounts, the network and the tunnel that they use.
      'After=network-online.target remote-fs.target lockstep-redis.service',
      'StartLimitIntervalSec=0',
    ],
    Service: [
      'Type=exec',
      `User=${user}`,
      `WorkingDirectory=${plain(unit.workingDirectory)}`,
      `EnvironmentFile=${plain(environmentFile)}`,
      `UnsetEnvironment=${[...new Set(unwanted)].join(' ')}`,
      ...searchPath(environment.PATH),
      `ExecStart=${execLine(unit)}`,
      `ExecStopPost=${commandLine(['/bin/sh', '-c', keepExit, exitFile(service)])}`,
      `RuntimeDirectory=${path.basename(path.dirname(exitFile(service)))}`,
      'RuntimeDirectoryPreserve=restart',
      `StandardOutput=append:${plain(unit.logFile)}`,
      'StandardError=inherit',
      'KillMode=mixed',
      `KillSignal=${unit.stopSignal}`,
      `TimeoutStopSec=${unit.stopTimeoutSeconds}`,
      'Restart=always',
      `RestartSec=${restartSeconds}`,
      'IgnoreSIGPIPE=no',
      'OOMPolicy=continue',
      ...confinement(unit.writable),
    ],
    // Sections with such a name are left alone by systemd.
    'X-Lockstep': [`Content=${unit.content}`],
  };
  return Object.entries(text)
    .map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`)
    .join('\n');
}

/** What the service runs with, as {@link renderUnit} noted it. */
export function contentIn(text: string): string {
  return /^\[X-Lockstep\]\nContent=(.*)$/m.exec(text)?.[1] ?? '';
}

/** A service writes where it was told that it may: releases are read-only to it whatever their modes are. */
function confinement(writable: readonly string[]): string[] {
  return [
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'RestrictSUIDSGID=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'ProtectKernelTunables=yes',
    'ProtectControlGroups=yes',
    'PrivateTmp=yes',
    // The role of the machine is the agent's, which reads every secret: EC2's metadata service is none of a
    // service's business.
    'IPAddressDeny=169.254.169.254 fd00:ec2::254',
    ...writable.map((directory) => `ReadWritePaths=${quoted(directory)}`),
  ];
}

/** `@`: the service sees its program as it was written, not as it was found. */
function execLine({ command, workingDirectory }: Unit): string {
  const [program = ''] = command;
  const found = program.includes('/') ? path.resolve(workingDirectory, program) : program;
  return commandLine([found, ...command], '@');
}

/** PATH where systemd looks for the program; it takes absolute directories alone. */
function searchPath(given = ''): string[] {
  const directories = given.split(':').filter((each) => /^\/[^\p{Cc}"'\\]*$/u.test(each));
  return directories.length === 0 ? [] : [`ExecSearchPath=${plain(directories.join(':'))}`];
}
