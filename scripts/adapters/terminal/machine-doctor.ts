import { errored, LockstepError } from '../../domain/errors.ts';
import {
  type Diagnosis,
  diagnose,
  installLine,
  type PackageManager,
  type Prerequisite,
  packagesWithServices,
  planInstall,
} from '../../domain/prerequisites.ts';
import { withSystemPaths } from '../../machine/system-paths.ts';
import { outputOf, run } from '../processes/shell.ts';

export type Machine = {
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
};

/** Asks each program for its version. */
export function examine(wanted: readonly Prerequisite[], machine: Machine): Promise<Diagnosis[]> {
  return Promise.all(
    wanted.map(async (prerequisite) => {
      const { program, versionArguments } = prerequisite;
      const output = await tryOutput([program, ...versionArguments], machine);
      return diagnose({ prerequisite, output });
    }),
  );
}

export type InstallOutcome = { installed: boolean; notes: string[] };

/**
 * Installs what is missing where that needs no password: apt-get as root or by `sudo -n`, Homebrew as its
 * owner. Otherwise answers the line to paste.
 *
 * @throws LockstepError errored when the package manager fails.
 */
export async function install(
  diagnoses: readonly Diagnosis[],
  machine: Machine,
  onLine: (line: string) => void,
): Promise<InstallOutcome> {
  const manager = await packageManager(machine);
  if (manager === null) {
    return {
      installed: false,
      notes: ['Neither apt-get nor brew is here: install what is missing by hand.'],
    };
  }
  const line = installLine(diagnoses, manager);
  if (line === null) return { installed: false, notes: ['No package brings what is missing: see its fix.'] };
  if (machine.environment.LOCKSTEP_NO_INSTALL === '1') {
    return { installed: false, notes: [`LOCKSTEP_NO_INSTALL=1: nothing was installed. To do it: ${line}`] };
  }
  const prefix = manager === 'apt' ? await rootPrefix(machine) : [];
  if (prefix === null) return { installed: false, notes: [`Installing needs a password. Paste: ${line}`] };

  for (const command of planInstall(diagnoses, manager, prefix)) {
    const { exitCode, tail } = await run(command, { cwd: '/', ...machine, onLine });
    // An update fails for one broken source out of many: the install tells whether that matters.
    if (exitCode !== 0 && !command.includes('update')) {
      throw errored(`\`${command.join(' ')}\` failed`, { details: tail, fix: `Paste: ${line}`, retry: true });
    }
  }
  return { installed: true, notes: manager === 'apt' ? serviceNotes(diagnoses) : [] };
}

/**
 * Debian starts the service of what it installs; keeping it from that would mean to meddle with the whole
 * machine.
 */
function serviceNotes(diagnoses: readonly Diagnosis[]): string[] {
  return diagnoses.flatMap((each) => {
    const service =
      each.fine || each.package.apt === null ? undefined : packagesWithServices.get(each.package.apt);
    return service === undefined
      ? []
      : [
          `The system may have started its own ${service}; Lockstep doesn't use it: sudo systemctl disable --now ${service}`,
        ];
  });
}

async function packageManager(machine: Machine): Promise<PackageManager | null> {
  if ((await tryOutput(['apt-get', '--version'], machine)) !== null) return 'apt';
  return (await tryOutput(['brew', '--version'], machine)) === null ? null : 'brew';
}

async function rootPrefix(machine: Machine): Promise<readonly string[] | null> {
  if (process.getuid?.() === 0) return [];
  return (await tryOutput(['sudo', '-n', 'true'], machine)) === null ? null : ['sudo', '-n'];
}

async function tryOutput(command: readonly string[], machine: Machine): Promise<string | null> {
  try {
    const environment = { ...machine.environment, PATH: withSystemPaths(machine.environment.PATH) };
    return await outputOf(command, { cwd: '/', environment, signal: machine.signal });
  } catch (error) {
    if (machine.signal.aborted || !(error instanceof LockstepError)) throw error;
    return null;
  }
}
