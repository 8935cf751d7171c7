import { compareVersions } from '../version.ts';
import type { Platform } from './release.ts';

/** What a machine has: a platform whose runtimes may be missing (null). */
export type MachinePlatform = Omit<Platform, 'runtimes'> & {
  runtimes: Readonly<Record<string, string | null>>;
};

/**
 * What keeps a release from running on a machine; empty = nothing. The C library must be of the same family
 * and at least as new as what the files were built against, runtimes must be exactly the same: a release is
 * verified upstream on these, and another patch version is another program.
 */
export function platformProblems(wanted: Platform, found: MachinePlatform): string[] {
  const problems: string[] = [];
  if (wanted.os !== found.os) problems.push(`built for ${wanted.os}, this host runs ${found.os}`);
  if (wanted.architecture !== found.architecture)
    problems.push(`built for ${wanted.architecture}, this host is ${found.architecture}`);
  if (!isLibraryEnough(wanted.libc, found.libc))
    problems.push(`needs ${wanted.libc} or newer, this host has ${found.libc}`);
  for (const [runtime, version] of Object.entries(wanted.runtimes)) {
    const has = found.runtimes[runtime] ?? null;
    if (has === null) problems.push(`needs ${runtime} ${version}, this host has no ${runtime}`);
    else if (has !== version) problems.push(`needs ${runtime} ${version}, this host has ${runtime} ${has}`);
  }
  return problems;
}

/** Same family, and `found` at least `wanted`: `glibc 2.34` is enough for `glibc 2.28`. */
export function isLibraryEnough(wanted: string, found: string): boolean {
  const [wantedFamily, wantedVersion = ''] = wanted.split(' ');
  const [foundFamily, foundVersion = ''] = found.split(' ');
  return wantedFamily === foundFamily && compareVersions(foundVersion, wantedVersion) >= 0;
}
