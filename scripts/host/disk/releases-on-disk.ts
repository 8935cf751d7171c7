import { readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../../domain/canonical.ts';
import type { ReleaseManifest } from '../../domain/release/release.ts';
import {
  nextReleaseCopy,
  parseReleaseCopy,
  type ReleaseCopy,
  releasesToRemove,
} from '../../domain/release/retention.ts';
import { writeAtomically } from '../../machine/atomic-file.ts';
import { ensureDirectory, namesIn, removeTree } from '../../machine/directory.ts';
import { parseManifest } from '../../store/releases.ts';
import { hostPaths } from '../place/host.ts';

/**
 * `<root>/releases`: whole copies as `<digest>.<k>`, the manifest of each digest as `<digest>.json`, and
 * trees under way as `.partial-…`. A copy appears by one rename, so whatever has a copy's name was once
 * whole.
 */
export class ReleasesOnDisk {
  readonly #directory: string;

  constructor(root: string) {
    this.#directory = hostPaths(root).releases;
  }

  directoryOf(name: string): string {
    return path.join(this.#directory, name);
  }

  /** Every copy, newest first. */
  async copies(): Promise<ReleaseCopy[]> {
    const found: { copy: ReleaseCopy; time: number }[] = [];
    for (const name of await namesIn(this.#directory)) {
      const copy = parseReleaseCopy(name);
      if (copy === undefined) continue;
      const status = await stat(this.directoryOf(name)).catch(() => undefined);
      if (status !== undefined) found.push({ copy, time: status.ctimeMs });
    }
    return found
      .sort((left, right) => right.time - left.time || right.copy.copy - left.copy.copy)
      .map(({ copy }) => copy);
  }

  /**
   * The manifest kept beside the copies, checked against its digest; undefined where it is gone or was
   * altered.
   */
  async manifest(digest: string): Promise<ReleaseManifest | undefined> {
    try {
      return parseManifest(await readFile(this.#manifestFile(digest)), digest);
    } catch {
      return undefined;
    }
  }

  async keepManifest(digest: string, bytes: Uint8Array): Promise<void> {
    const kept = await readFile(this.#manifestFile(digest)).catch(() => undefined);
    if (kept !== undefined && sha256(kept) === digest) return;
    await ensureDirectory(this.#directory);
    await writeAtomically(this.#manifestFile(digest), bytes, { mode: 0o444 });
  }

  /**
   * A place for a tree under way; its depth is that of a copy, because the tree's links count the steps up.
   */
  async newPartial(digest: string): Promise<string> {
    await ensureDirectory(this.#directory);
    return this.directoryOf(`.partial-${digest.slice(0, 12)}-${process.pid}`);
  }

  /** Makes a finished tree the next copy of its release; answers the copy's name. */
  async publish(partial: string, digest: string): Promise<string> {
    const name = nextReleaseCopy(await this.copies(), digest);
    await rename(partial, this.directoryOf(name));
    return name;
  }

  /** Removes what dead runs left: only the owner of the host's lock may call it. */
  async sweepPartials(): Promise<void> {
    for (const name of await namesIn(this.#directory)) {
      if (/^\.(partial|remove|tmp)-/.test(name)) await removeTree(this.directoryOf(name));
    }
  }

  /** Keeps the `keep` newest copies and those in use; a copy loses its name before its files. */
  async prune(inUse: ReadonlySet<string>, keep: number): Promise<void> {
    const held = (await this.copies()).map(({ name }) => name);
    for (const name of releasesToRemove({ held, inUse, keep })) {
      const leaving = this.directoryOf(`.remove-${name}`);
      await rename(this.directoryOf(name), leaving);
      await removeTree(leaving);
    }
    const digests = new Set((await this.copies()).map(({ digest }) => digest));
    for (const name of await namesIn(this.#directory)) {
      const digest = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
      if (digest !== undefined && !digests.has(digest)) await removeTree(this.directoryOf(name));
    }
  }

  #manifestFile(digest: string): string {
    return this.directoryOf(`${digest}.json`);
  }
}
