import { canonicalJson } from '../canonical.ts';
import type { ReleaseManifest } from './release.ts';

/**
 * `path`: of a file, or `platform` / `lockstep.yaml` for what isn't one. `hint`: a likely cause, where one is
 * known.
 */
export type FileDifference = {
  path: string;
  change: 'added' | 'removed' | 'changed';
  hint: string | null;
};

const hints: readonly { files: RegExp; hint: string }[] = [
  {
    files: /\.pyc$/,
    hint: 'compiled Python holds the time of its source: install with pip --no-compile and keep PYTHONDONTWRITEBYTECODE=1',
  },
  {
    files: /\.(so(\.[0-9]+)*|node|a|o)$/,
    hint: 'an extension built from source holds paths and compiler details: use a wheel or prebuilt package, or CFLAGS with -g0 -ffile-prefix-map',
  },
  {
    files: /(^|\/)direct_url\.json$/,
    hint: 'pip noted the absolute path of a local package: install it by name with --no-index --find-links',
  },
  {
    files: /(^|\/)bin\/[^/]+$/,
    hint: 'a script with the absolute path of the build in its first line: install with pip --target and start with python -m',
  },
  {
    files: /\.(zip|jar|whl|tar|t?gz|tgz)$/,
    hint: 'an archive holds the times of its files: pack with SOURCE_DATE_EPOCH',
  },
  {
    files: /\.(map|js|css|html)$/,
    hint: 'a bundler may have written a time, a random id or an absolute path into it',
  },
  { files: /(^|\/)(\.cache|\.vite|__pycache__)\//, hint: 'a cache: let the build remove it' },
];

/** What differs between a stored release and the same tag built again, sorted by path. */
export function differencesOf(before: ReleaseManifest, after: ReleaseManifest): FileDifference[] {
  const [old, fresh] = [byPathOf(before), byPathOf(after)];
  const differences: FileDifference[] = [];
  for (const path of [...new Set([...old.keys(), ...fresh.keys()])].sort()) {
    const [left, right] = [old.get(path), fresh.get(path)];
    if (left === right) continue;
    const change = left === undefined ? 'added' : right === undefined ? 'removed' : 'changed';
    differences.push({ path, change, hint: hints.find(({ files }) => files.test(path))?.hint ?? null });
  }
  if (canonicalJson(before.platform) !== canonicalJson(after.platform)) {
    differences.unshift({
      path: 'platform',
      change: 'changed',
      hint: `was ${canonicalJson(before.platform)}, now ${canonicalJson(after.platform)}`,
    });
  }
  if (canonicalJson(before.app) !== canonicalJson(after.app)) {
    differences.unshift({
      path: 'lockstep.yaml',
      change: 'changed',
      hint: 'another version of Lockstep reads the same file differently',
    });
  }
  return differences;
}

function byPathOf(manifest: ReleaseManifest): Map<string, string> {
  return new Map(manifest.files.map((entry) => [entry.path, canonicalJson(entry)]));
}
