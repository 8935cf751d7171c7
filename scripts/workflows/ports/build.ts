import type { AppManifest } from '../../domain/app/app-manifest.ts';
import type { PackIndex, PackSource } from '../../domain/release/pack.ts';
import type { MachinePlatform } from '../../domain/release/platform.ts';
import type { FileEntry } from '../../domain/release/release.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { Signer } from '../../store/signer.ts';
import type { Reporter } from './reporter.ts';

/** What the build needs from the world besides store and signer. */

/** `time`: the commit's, in seconds since 1970. */
export type TaggedCommit = { tag: string; commit: string; time: number };

export interface Source {
  /** @throws LockstepError `refused` for a tag that isn't there. */
  resolve(tag: string): Promise<TaggedCommit>;
  /** A text file of the commit; undefined where there is none. */
  readText(commit: TaggedCommit, path: string): Promise<string | undefined>;
  /** How many files of the working tree are changed and not committed. */
  uncommitted(): Promise<number>;
  /**
   * Writes the commit's files, as committed, into an empty directory.
   * @throws LockstepError `refused` for what can't be in a release: submodules not fetched, LFS pointers,
   *   names.
   */
  export(commit: TaggedCommit, directory: string, signal: AbortSignal): Promise<void>;
}

/** A clean place for one build; `tree` is empty at first. */
export type Workspace = { tree: string; home: string; temporary: string; remove(): Promise<void> };

export type StepResult = { exitCode: number | null; signal: string | null; tail: readonly string[] };

export interface Workshop {
  open(): Promise<Workspace>;
  /** @throws LockstepError `usage` for a manifest with problems, or a missing one (undefined). */
  parseManifest(text: string | undefined): AppManifest;
  /** Runs a command in the tree, in the scrubbed environment. */
  run(
    command: readonly string[],
    place: Workspace,
    options: { commitTime: number; signal: AbortSignal; onLine?: ((line: string) => void) | undefined },
  ): Promise<StepResult>;
  platform(runtimes: readonly string[]): Promise<MachinePlatform>;
  /**
   * Every entry of the tree, sorted, with hashes and normalised modes, `.git` left out.
   * @throws `refused` for what can't be in a release.
   */
  scan(tree: string, signal: AbortSignal): Promise<FileEntry[]>;
  /** A cheap fingerprint of every path, to see what a check left behind. */
  stamps(tree: string): Promise<ReadonlyMap<string, string>>;
  /** Native files and the newest C library symbol version that each needs: path -> `2.34`. */
  neededLibraries(tree: string, files: readonly FileEntry[]): Promise<ReadonlyMap<string, string>>;
  /** Compresses contents and puts pack and index into the store; returns the pack's SHA-256. */
  pack(
    tree: string,
    sources: readonly PackSource[],
    store: ObjectStore,
    place: Workspace,
    signal: AbortSignal,
  ): Promise<{ sha256: string; index: PackIndex; bytes: number }>;
  tools(): Promise<Record<string, string>>;
}

export type BuildPorts = {
  store: ObjectStore;
  signer: Signer;
  source: Source;
  workshop: Workshop;
  reporter: Reporter;
};
