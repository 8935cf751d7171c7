import { lutimesSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { errored, failed } from '../../domain/errors.ts';
import type { FileEntry, ReleaseManifest } from '../../domain/release/release.ts';
import { treeProblem } from '../../domain/release/release-tree.ts';
import { yieldRegularly } from '../../machine/yield-regularly.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { type HeldReleases, heldPaths, planFetches, type RegularFile, type Transfer } from './fetch-plan.ts';
import { readPieces } from './pack-reader.ts';
import { copyVerified, FileWriter, sealDirectory } from './tree-writer.ts';

export { planFetch, type Transfer } from './fetch-plan.ts';

export type MaterialiseOptions = {
  store: ObjectStore;
  /** Signed and verified by the caller; checked here all the same for paths that leave the tree. */
  manifest: ReleaseManifest;
  /** SHA-256 of the packs that hold the files, from packs.json. */
  packs: readonly string[];
  /** Must not exist yet; its parent must. Left as it is when this fails: the caller clears it away. */
  target: string;
  held: HeldReleases;
  /**
   * Every mtime: the commit's time, so that a static file server sees a changed file of the same size as
   * changed.
   */
  mtimeSeconds: number;
  signal?: AbortSignal;
};

/**
 * Writes a release's tree: contents that lie on this disk are copied (never linked: a damaged copy would
 * damage the next one) and hashed on the way, the rest is fetched by range from packs. Each file is 0444 or
 * 0555 and has the hash of the manifest when this resolves; directories become 0555 at the end.
 *
 * No fsync: for 20,000 files it takes minutes, and a tree that a power failure cut short is found by the
 * re-hash that comes before every start, and staged anew.
 *
 * @throws LockstepError `failed` for bytes or a tree that aren't sound, `errored` for a full disk.
 */
export async function materialise(options: MaterialiseOptions): Promise<Transfer> {
  const { manifest, target, mtimeSeconds } = options;
  const problem = treeProblem(manifest.files, manifest.app.directories);
  if (problem !== undefined) throw failed(`the release's manifest is not valid: ${problem}`);
  const at = (entry: FileEntry) => path.join(target, entry.path);
  try {
    mkdirSync(target, 0o755);
    const directories = manifest.files.filter(({ type }) => type === 'directory');
    for (const directory of directories) mkdirSync(at(directory), 0o755);
    const transfer = await writeFiles(options);
    for (const entry of manifest.files) {
      if (entry.type !== 'link') continue;
      symlinkSync(entry.target, at(entry));
      lutimesSync(at(entry), mtimeSeconds, mtimeSeconds);
    }
    for (const directory of directories.reverse()) sealDirectory(at(directory), mtimeSeconds);
    sealDirectory(target, mtimeSeconds);
    return transfer;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
      throw errored(`the disk of this host is full: ${path.dirname(target)}`, {
        fix: 'Free space there, or lower the number of releases that are kept, then run the command again.',
        retry: true,
        cause: error,
      });
    }
    throw error;
  }
}

async function writeFiles(options: MaterialiseOptions): Promise<Transfer> {
  const { store, manifest, packs, target, held, mtimeSeconds, signal } = options;
  const yieldNow = yieldRegularly(signal);
  const sources = await heldPaths(manifest, held);
  const transfer: Transfer = { filesReused: 0, filesFetched: 0, bytesFetched: 0 };
  const write = (file: RegularFile) => new FileWriter(path.join(target, file.path), file, mtimeSeconds);

  const missing = new Map<string, RegularFile>();
  const twins: { file: RegularFile; first: RegularFile }[] = [];
  for (const file of manifest.files) {
    if (file.type !== 'file') continue;
    const source = sources.get(file.sha256);
    if (file.size === 0) write(file).finish();
    else if (source !== undefined && copyVerified(source, write(file))) transfer.filesReused += 1;
    else {
      const first = missing.get(file.sha256);
      if (first === undefined) missing.set(file.sha256, file);
      else twins.push({ file, first });
    }
    await yieldNow();
  }

  for await (const fetch of planFetches(store, packs, missing)) {
    transfer.bytesFetched += fetch.runs.reduce((sum, { length }) => sum + length, 0);
    let writer: FileWriter | undefined;
    for await (const { file, bytes, start, end } of readPieces(store, fetch)) {
      const wanted = missing.get(file.sha256);
      if (wanted === undefined) continue;
      if (start) writer = write(wanted);
      writer?.write(bytes);
      if (end) {
        if (writer?.finish() !== true) throw notAsSigned(wanted, fetch.pack);
        missing.delete(file.sha256);
        transfer.filesFetched += 1;
      }
      await yieldNow();
    }
  }
  for (const { file, first } of twins) {
    if (!copyVerified(path.join(target, first.path), write(file))) throw changedMeanwhile(first);
    transfer.filesFetched += 1;
    await yieldNow();
  }
  return transfer;
}

function changedMeanwhile({ path }: RegularFile) {
  return failed(`${path} was changed while the release was brought to disk`, {
    fix: 'Find out what else writes there, then run the command again.',
    retry: true,
  });
}

function notAsSigned(file: RegularFile, pack: string) {
  return failed(`${file.path} from pack ${pack.slice(0, 12)} is not what the signed manifest says`, {
    fix: 'The store was altered or damaged: restore the pack from a backup, or build the release under a new tag.',
  });
}
