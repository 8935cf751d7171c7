import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { MachinePlatform } from '../domain/release/platform.ts';
import { versionIn } from '../domain/version.ts';

const run = promisify(execFile);
const patienceMilliseconds = 20_000;

/** Of the programs that are asked; they are found along its PATH. */
export type MachineEnvironment = Readonly<Record<string, string | undefined>>;

/** What this machine is; `runtimes`: the names to look for on the PATH. */
export async function machinePlatform(
  runtimes: readonly string[],
  environment: MachineEnvironment,
): Promise<MachinePlatform> {
  return {
    os: process.platform,
    architecture: process.arch,
    libc: await libraryVersion(environment),
    runtimes: await runtimeVersions(runtimes, environment),
  };
}

/** Exact versions as each `<runtime> --version` tells; null where there is none. */
export async function runtimeVersions(
  names: readonly string[],
  environment: MachineEnvironment,
): Promise<Record<string, string | null>> {
  const found = await Promise.all(
    names.map(async (name) => {
      // A name is input: only a plain program name is looked up on the PATH.
      const output = /^[a-z0-9.+-]+$/.test(name)
        ? await outputOf(name, ['--version'], environment)
        : undefined;
      return [name, (output === undefined ? undefined : versionIn(output)) ?? null] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** `glibc 2.36`, `musl 1.2.4`, or `none` where neither is known (macOS has its own). */
async function libraryVersion(environment: MachineEnvironment): Promise<string> {
  // Otherwise it would look up the names of every peer.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const version = glibcIn(report);
  if (version !== undefined) return `glibc ${version}`;
  // musl's ldd prints its version on standard error and fails.
  const musl = /musl[\s\S]*?Version (\d+(?:\.\d+)+)/.exec(
    (await outputOf('ldd', ['--version'], environment)) ?? '',
  );
  return musl === null ? 'none' : `musl ${musl[1]}`;
}

function glibcIn(report: unknown): string | undefined {
  if (typeof report !== 'object' || report === null || !('header' in report)) return undefined;
  const { header } = report;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) return undefined;
  return typeof header.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : undefined;
}

/** Digest of the sorted list of installed packages; null where there is no package database. */
export async function osPackagesDigest(environment: MachineEnvironment): Promise<string | null> {
  const debian = ['-W', '-f', '${binary:Package} ${Version} ${db:Status-Status}\\n'];
  const list =
    (await outputOf('dpkg-query', debian, environment)) ??
    (await outputOf('rpm', ['-qa', '--qf', '%{NAME} %{EVR}.%{ARCH}\\n'], environment));
  if (list === undefined) return null;
  const lines = list.split('\n').filter((line) => line !== '');
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Both outputs of a program, whatever its exit code; undefined where it can't be started. */
async function outputOf(
  program: string,
  args: readonly string[],
  environment: MachineEnvironment,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, args, {
      env: environment,
      timeout: patienceMilliseconds,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout + stderr;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return undefined;
    const { stdout, stderr } = error as { stdout?: unknown; stderr?: unknown };
    return `${stdout ?? ''}${stderr ?? ''}`;
  }
}
