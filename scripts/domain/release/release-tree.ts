import type { AppManifest } from '../app/app-manifest.ts';
import { failed, refused } from '../errors.ts';
import {
  byPath,
  type FileEntry,
  fileEntrySchema,
  isDigest,
  isReleasePath,
  type ReleaseManifest,
  releaseManifestSchema,
  writableLinkTarget,
} from './release.ts';

type Directories = AppManifest['directories'];

/**
 * A release's manifest from its text. Equal to `releaseManifestSchema` in what it takes, and checks the tree
 * besides ({@link treeProblem}). The list of files is checked in place: zod's copy of 20,000 entries would
 * cost an agent 20 MB.
 *
 * @throws ZodError, SyntaxError or LockstepError `failed` for anything that is not a manifest.
 */
export function parseReleaseManifest(text: string): ReleaseManifest {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !Array.isArray(value.files)) return releaseManifestSchema.parse(value);
  const files: unknown[] = value.files;
  const head = releaseManifestSchema.parse({ ...value, files: [] });
  if (!areFileEntries(files)) {
    return { ...head, files: files.map((file) => fileEntrySchema.parse(file)) };
  }
  const problem = treeProblem(files, head.app.directories);
  if (problem !== undefined) throw failed(`the release manifest is invalid: ${problem}`);
  return { ...head, files };
}

/**
 * What makes a list of files unfit to be written to disk, or undefined: not sorted, a path twice, a parent
 * that is not a directory, a link that leads out of the tree. A manifest is input, whoever signed it.
 */
export function treeProblem(files: readonly FileEntry[], directories: Directories): string | undefined {
  const known = new Set(['']);
  let previous = '';
  for (const entry of files) {
    const { path } = entry;
    if (!isReleasePath(path)) return `${JSON.stringify(path)} is not a path inside a release`;
    if (path <= previous) return `${path} is out of order or listed twice`;
    if (!known.has(path.slice(0, Math.max(0, path.lastIndexOf('/')))))
      return `${path} has no parent directory`;
    if (entry.type === 'directory') known.add(path);
    if (entry.type === 'link' && !isLinkAllowed(path, entry.target, directories)) {
      return `the link ${path} leads out of the tree: ${entry.target}`;
    }
    previous = path;
  }
  return undefined;
}

/**
 * A link may stay inside the tree, or be the one of a declared shared or scratch directory. After its first
 * real name a target may not go up: the name could be a link itself, and `..` would start from wherever that
 * leads.
 */
export function isLinkAllowed(path: string, target: string, directories: Directories): boolean {
  for (const kind of ['shared', 'scratch'] as const) {
    if (directories[kind].includes(path)) return target === writableLinkTarget(kind, path);
  }
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.');
  const named = segments.findIndex((segment) => segment !== '..');
  const ups = named === -1 ? segments.length : named;
  return ups < path.split('/').length && !segments.slice(ups).includes('..');
}

function areFileEntries(files: unknown[]): files is FileEntry[] {
  return files.every(isFileEntry);
}

function isFileEntry(value: unknown): value is FileEntry {
  if (!isRecord(value) || typeof value.path !== 'string' || !isReleasePath(value.path)) return false;
  const count = Object.keys(value).length;
  switch (value.type) {
    case 'file':
      return (
        count === 5 &&
        (value.mode === '0444' || value.mode === '0555') &&
        Number.isSafeInteger(value.size) &&
        Number(value.size) >= 0 &&
        isDigest(value.sha256)
      );
    case 'directory':
      return count === 2;
    case 'link':
      return count === 3 && typeof value.target === 'string' && value.target !== '';
    default:
      return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The tree with the links of declared directories in place, and the directories that contain them.
 * @throws LockstepError `refused` where the build left something at a declared path: it would be hidden on
 * hosts.
 */
export function withWritableLinks(files: readonly FileEntry[], directories: Directories): FileEntry[] {
  const entries = new Map(files.map((file) => [file.path, file]));
  for (const kind of ['shared', 'scratch'] as const) {
    for (const path of directories[kind]) {
      if (entries.has(path)) {
        throw refused(`the tree has files at ${path}, which lockstep.yaml declares as a ${kind} directory`, {
          fix: `Remove ${path} from the repository and the build, or take it out of directories.${kind}.`,
        });
      }
      const segments = path.split('/');
      for (let depth = 1; depth < segments.length; depth++) {
        const parent = segments.slice(0, depth).join('/');
        if (!entries.has(parent)) entries.set(parent, { type: 'directory', path: parent });
      }
      entries.set(path, { type: 'link', path, target: writableLinkTarget(kind, path) });
    }
  }
  return [...entries.values()].sort(byPath);
}
