import { compareVersions, versionIn } from './version.ts';

/** What a machine needs, and how to install what is missing. Pure: adapters look and install. */
export type Prerequisite = {
  name: string;
  /** Program that is looked for on the PATH. */
  program: string;
  versionArguments: readonly string[];
  /** The oldest version that will do; null: any. */
  minimum: string | null;
  /** `tests`: only the tests of this repository use it. */
  neededFor: 'running' | 'tests';
  packages: { apt: string | null; brew: string | null };
  /** How to install it where no package manager provides it. */
  otherwise?: string;
};

export const prerequisites: readonly Prerequisite[] = [
  {
    name: 'Node.js',
    program: 'node',
    versionArguments: ['--version'],
    minimum: '24',
    neededFor: 'running',
    packages: { apt: null, brew: null },
    otherwise: "run `npm ci` in the toolkit's directory: it brings Node 24 as a package",
  },
  tool('git', 'git', ['--version'], '2.30', 'running'),
  tool('HAProxy', 'haproxy', ['-v'], '2.4', 'running'),
  {
    ...tool('Redis', 'redis-server', ['--version'], '6.0', 'running'),
    packages: { apt: 'redis-server', brew: 'redis' },
  },
  tool('zstd', 'zstd', ['--version'], null, 'tests'),
  tool('rsync', 'rsync', ['--version'], null, 'tests'),
  {
    ...tool('Python', 'python3', ['--version'], '3.9', 'tests'),
    packages: { apt: 'python3', brew: 'python' },
  },
  {
    ...tool('pip', 'python3', ['-m', 'pip', '--version'], null, 'tests'),
    packages: { apt: 'python3-pip', brew: 'python' },
  },
  tool('shellcheck', 'shellcheck', ['--version'], null, 'tests'),
  {
    ...tool('npm', 'npm', ['--version'], '10', 'tests'),
    packages: { apt: null, brew: null },
    otherwise: 'install Node.js 20 or newer from nodejs.org or your package manager; npm comes with it',
  },
];

function tool(
  name: string,
  program: string,
  versionArguments: readonly string[],
  minimum: string | null,
  neededFor: Prerequisite['neededFor'],
): Prerequisite {
  return { name, program, versionArguments, minimum, neededFor, packages: { apt: program, brew: program } };
}

/** What was found on the PATH: the output of the version command, or null where the program is missing. */
export type Found = { prerequisite: Prerequisite; output: string | null };

export type Diagnosis = {
  name: string;
  wanted: string;
  found: string | null;
  fine: boolean;
  package: { apt: string | null; brew: string | null };
  /** What to do by hand; null where nothing is wrong. */
  fix: string | null;
};

export function diagnose({ prerequisite, output }: Found): Diagnosis {
  const { name, program, minimum, packages, otherwise } = prerequisite;
  const version = output === null ? null : numbersIn(output);
  const present = output !== null;
  const fine = present && (minimum === null || (version !== null && compareVersions(version, minimum) >= 0));
  return {
    name,
    wanted: minimum === null ? 'any version' : `${minimum} or newer`,
    found: present ? (version ?? 'version unknown') : null,
    fine,
    package: packages,
    fix: fine ? null : (otherwise ?? `install ${packages.apt ?? program}`),
  };
}

/**
 * Without what a distribution appends. `zstd command line interface 64-bits v1.5.4` has a number before
 * it.
 */
function numbersIn(output: string): string | null {
  return /^\d+(?:\.\d+)*/.exec(versionIn(output) ?? /\d+/.exec(output)?.[0] ?? '')?.[0] ?? null;
}

export type PackageManager = 'apt' | 'brew';

/** The commands that install what is missing, in order; empty where no package manager can help. */
export function planInstall(
  diagnoses: readonly Diagnosis[],
  manager: PackageManager,
  prefix: readonly string[],
): string[][] {
  const packages = packagesFor(diagnoses, manager);
  if (packages.length === 0) return [];
  if (manager === 'brew') return [['brew', 'install', ...packages]];
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  return [
    [...prefix, ...quiet, 'update', '-q'],
    [...prefix, ...quiet, 'install', '-y', '-q', '--no-install-recommends', ...packages],
  ];
}

/** One line to paste, for people. */
export function installLine(diagnoses: readonly Diagnosis[], manager: PackageManager): string | null {
  const packages = packagesFor(diagnoses, manager).join(' ');
  if (packages === '') return null;
  return manager === 'brew'
    ? `brew install ${packages}`
    : `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages}`;
}

function packagesFor(diagnoses: readonly Diagnosis[], manager: PackageManager): string[] {
  const names = diagnoses.filter(({ fine }) => !fine).flatMap((each) => each.package[manager] ?? []);
  return [...new Set(names)].sort();
}

/**
 * Packages whose services Debian and Ubuntu start at once; Lockstep runs its own copies and needs none of
 * them.
 */
export const packagesWithServices: ReadonlyMap<string, string> = new Map([
  ['redis-server', 'redis-server'],
  ['haproxy', 'haproxy'],
]);
