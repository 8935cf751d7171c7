import { mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  expandCommand,
  type HostFacts,
  inheritedNames,
  serviceEnvironment,
} from '../../domain/app/service-environment.ts';
import { digestOf } from '../../domain/canonical.ts';
import { failed } from '../../domain/errors.ts';
import type { ReleaseManifest } from '../../domain/release/release.ts';
import { ensureDirectory } from '../../machine/directory.ts';
import { swapLink } from '../../machine/link.ts';
import { type Host, hostPaths } from '../place/host.ts';
import type { Unit } from '../place/supervisor.ts';

/** What this host gives to services that run from a release directory. */
function hostFacts(host: Host, releaseDirectory: string): HostFacts {
  const paths = hostPaths(host.root);
  const { address, ports, bindings, sharedDirectory } = host.provisioning;
  const inherited = inheritedNames.flatMap((name) => {
    const value = host.environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    address,
    ports,
    bindings,
    sharedDirectory,
    releaseDirectory,
    home: paths.home,
    temporaryDirectory: paths.temporary,
    inherited: Object.fromEntries(inherited),
  };
}

/** The environment of every service of a release. */
export function environmentsOf(
  host: Host,
  manifest: ReleaseManifest,
  releaseDirectory: string,
  given: { values: Readonly<Record<string, string>>; secrets: Readonly<Record<string, string>> },
): Record<string, Record<string, string>> {
  const facts = hostFacts(host, releaseDirectory);
  return Object.fromEntries(
    Object.keys(manifest.app.services).map((service) => [
      service,
      serviceEnvironment({ manifest: manifest.app, service, facts, ...given }),
    ]),
  );
}

/**
 * Units of the current activation. Environment files are reached through `current`, so a swap alone needs no
 * restart.
 */
export function unitsOf(
  host: Host,
  manifest: ReleaseManifest,
  releaseDirectory: string,
  environments: Readonly<Record<string, Record<string, string>>>,
): Unit[] {
  const paths = hostPaths(host.root);
  return Object.entries(manifest.app.services).map(([service, declared]) => {
    const environment = environments[service] ?? {};
    const command = expandCommand(declared.command, environment);
    return {
      service,
      command,
      workingDirectory: releaseDirectory,
      environmentFile: path.join(paths.current, 'environment', `${service}.json`),
      content: digestOf({ releaseDirectory, command, environment }),
      stopSignal: declared.stopSignal,
      stopTimeoutSeconds: declared.stopTimeoutSeconds,
      logFile: paths.log(service),
      writable: [paths.scratch, host.provisioning.sharedDirectory],
    };
  });
}

/**
 * The directories that services write to, behind the links of the release.
 * @throws LockstepError failed when the shared directory is not there: made here it would be this host's own,
 * and what users upload would exist on one host only.
 */
export async function prepareDirectories(host: Host, manifest: ReleaseManifest): Promise<void> {
  const paths = hostPaths(host.root);
  const { sharedDirectory } = host.provisioning;
  if ((await stat(sharedDirectory).catch(() => undefined))?.isDirectory() !== true) {
    throw failed(`the shared directory ${sharedDirectory} does not exist`, {
      fix: 'Mount the shared file system on this host (or start the environment), then try again.',
      retry: true,
    });
  }
  await swapLink(paths.shared, sharedDirectory);
  for (const directory of [paths.logs, paths.scratch]) await ensureDirectory(directory);
  const { shared, scratch } = manifest.app.directories;
  const own = [paths.home, paths.temporary].map((directory) => path.relative(paths.scratch, directory));
  for (const directory of [
    ...(await makeInside(sharedDirectory, shared)),
    ...(await makeInside(paths.scratch, [...own, ...scratch])),
  ])
    await host.supervisor.giveToServices(directory);
}

/** Answers their real paths. */
async function makeInside(root: string, names: readonly string[]): Promise<string[]> {
  const made: string[] = [];
  for (const name of names) {
    const directory = path.join(root, name);
    await mkdir(directory, { recursive: true });
    const [real, within] = [await realpath(directory), await realpath(root)];
    if (!real.startsWith(`${within}${path.sep}`)) {
      throw failed(`${directory} leads out of ${root}, to ${real}`, {
        fix: 'Remove the link: what a release writes must stay inside.',
      });
    }
    made.push(real);
  }
  return made;
}
