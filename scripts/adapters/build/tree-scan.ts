import { createHash, hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import path from 'node:path';
import { refused } from '../../domain/errors.ts';
import { pathProblems } from '../../domain/release/path-rules.ts';
import { byPath, type FileEntry } from '../../domain/release/release.ts';
import { yieldRegularly } from '../../machine/yield-regularly.ts';

const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
const specialBits = 0o7000;

/** Every path below a directory, parents first, without `.git`; links are listed and never followed. */
function* paths(directory: string): Generator<string> {
  const pending = [''];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for (const name of readdirSync(path.join(directory, parent), { encoding: 'buffer' })) {
      const text = name.toString('utf8');
      if (text === '.git') continue;
      const relative = parent === '' ? text : `${parent}/${text}`;
      if (!Buffer.from(text).equals(name)) {
        throw refused(`the name ${JSON.stringify(relative)} in the built tree is not UTF-8`, {
          fix: 'Rename it, or let the build remove it.',
        });
      }
      yield relative;
      if (lstatSync(path.join(directory, relative)).isDirectory()) pending.push(relative);
    }
  }
}

/**
 * The built tree as entries of a manifest, hashed, modes reduced to "may be executed" or not.
 * @throws LockstepError `refused` for setuid files, sockets, pipes, devices, and names that can't be in a
 *   release.
 */
export async function scanTree(directory: string, signal: AbortSignal): Promise<FileEntry[]> {
  const yieldNow = yieldRegularly(signal);
  const entries: FileEntry[] = [];
  const problems: string[] = [];
  for (const relative of paths(directory)) {
    const file = path.join(directory, relative);
    const status = lstatSync(file);
    if (status.isSymbolicLink()) entries.push({ type: 'link', path: relative, target: readlinkSync(file) });
    else if (status.isDirectory()) entries.push({ type: 'directory', path: relative });
    else if (!status.isFile()) problems.push(`${relative} is neither file, directory nor link`);
    else if ((status.mode & specialBits) !== 0) problems.push(`${relative} is setuid, setgid or sticky`);
    else entries.push(hashed(file, relative));
    await yieldNow();
  }
  problems.push(...pathProblems(entries.map((entry) => entry.path)));
  if (problems.length > 0) {
    throw refused("the built tree can't be a release", {
      details: problems.slice(0, 50),
      fix: 'Let the build steps leave plain files, directories and links only.',
    });
  }
  return entries.sort(byPath);
}

/** Mode, size and time of change of every path: cheap, and enough to see whether somebody wrote. */
export function stampTree(directory: string): ReadonlyMap<string, string> {
  const stamps = new Map<string, string>();
  for (const relative of paths(directory)) {
    const { mode, size, mtimeMs, ino } = lstatSync(path.join(directory, relative));
    // A directory's time changes with its entries, which are named themselves.
    stamps.set(relative, (mode & 0o170000) === 0o040000 ? 'directory' : `${mode} ${size} ${mtimeMs} ${ino}`);
  }
  return stamps;
}

function hashed(file: string, relative: string): FileEntry {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const status = fstatSync(descriptor);
    const mode = (status.mode & 0o111) === 0 ? '0444' : '0555';
    const first = readSync(descriptor, buffer, 0, buffer.length, null);
    if (first < buffer.length) {
      return {
        type: 'file',
        path: relative,
        mode,
        size: first,
        sha256: hash('sha256', buffer.subarray(0, first)),
      };
    }
    const whole = createHash('sha256').update(buffer);
    let size = first;
    for (let count = 1; count > 0; size += count) {
      count = readSync(descriptor, buffer, 0, buffer.length, null);
      whole.update(buffer.subarray(0, count));
    }
    return { type: 'file', path: relative, mode, size, sha256: whole.digest('hex') };
  } finally {
    closeSync(descriptor);
  }
}
