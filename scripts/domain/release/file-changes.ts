import type { FileEntry } from './release.ts';

export type FileChange = { path: string; change: 'added' | 'changed' | 'removed' | 'mode' | 'link' };

/** How the files of `after` differ from those of `before`, by path. */
export function fileChanges(
  before: readonly FileEntry[],
  after: readonly FileEntry[],
): readonly FileChange[] {
  const earlier = new Map(before.map((entry) => [entry.path, entry]));
  const later = new Map(after.map((entry) => [entry.path, entry]));
  return [...new Set([...earlier.keys(), ...later.keys()])].sort().flatMap((path): FileChange[] => {
    const old = earlier.get(path);
    const now = later.get(path);
    if (old === undefined) return [{ path, change: 'added' }];
    if (now === undefined) return [{ path, change: 'removed' }];
    const change = entryChange(old, now);
    return change === undefined ? [] : [{ path, change }];
  });
}

function entryChange(old: FileEntry, now: FileEntry): FileChange['change'] | undefined {
  if (old.type !== now.type) return 'changed';
  if (old.type === 'link' && now.type === 'link') return old.target === now.target ? undefined : 'link';
  if (old.type !== 'file' || now.type !== 'file') return undefined;
  if (old.sha256 !== now.sha256) return 'changed';
  return old.mode === now.mode ? undefined : 'mode';
}
