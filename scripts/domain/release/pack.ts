import { z } from 'zod';
import { byPath, type FileEntry, isDigest } from './release.ts';

/**
 * A pack: file contents, one after the other, cut into frames of 2 MiB that are compressed one by one (zstd),
 * so that a reader fetches by range only the frames it needs. Each content once; no names, no archive format.
 */

/**
 * Uncompressed bytes of a frame; the last one may be shorter. It also bounds what a reader ever decompresses
 * at once.
 */
export const frameSize = 2 * 1024 * 1024;

/** Frames: compressed bytes lie at `offset` for `length`, `size` bytes when decompressed. */
const frameSchema = z.strictObject({
  offset: z.int().nonnegative(),
  length: z.int().positive(),
  size: z.int().positive().max(frameSize),
});
export type Frame = z.infer<typeof frameSchema>;

/** A file's place in the uncompressed stream. */
export type PackedFile = { sha256: string; offset: number; size: number };

/** In place: zod's copy of 20,000 entries would cost an agent megabytes. */
function arePackedFiles(value: unknown): value is PackedFile[] {
  return Array.isArray(value) && value.every(isPackedFile);
}

function isPackedFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false;
  const { sha256, offset, size } = value as Partial<Record<keyof PackedFile, unknown>>;
  const isCount = (count: unknown) => Number.isSafeInteger(count) && Number(count) >= 0;
  return isDigest(sha256) && isCount(offset) && isCount(size) && size !== 0;
}

/** `packs/<sha256>.index`. Not signed: a reader checks every file against the signed manifest. */
export const packIndexSchema = z
  .strictObject({ frames: z.array(frameSchema), files: z.custom<PackedFile[]>(arePackedFiles) })
  .refine(({ frames, files }) => {
    const end = streamLength(frames);
    return (
      frames.every(({ size }, n) => size === frameSize || n === frames.length - 1) &&
      files.every(({ offset, size }) => offset + size <= end)
    );
  }, 'frames and files of the index do not fit each other');
export type PackIndex = z.infer<typeof packIndexSchema>;

function streamLength(frames: readonly Frame[]): number {
  return frames.reduce((sum, { size }) => sum + size, 0);
}

/** A content to be packed and where in the tree its bytes stand. */
export type PackSource = PackedFile & { path: string };

/** The contents that the store lacks, each once, in the order of their paths (neighbours change together). */
export function planPack(files: readonly FileEntry[], stored: ReadonlySet<string>): PackSource[] {
  const seen = new Set<string>();
  const sources: PackSource[] = [];
  let offset = 0;
  for (const file of [...files].sort(byPath)) {
    // An empty file needs no bytes from anywhere.
    if (file.type !== 'file' || file.size === 0 || stored.has(file.sha256) || seen.has(file.sha256)) continue;
    seen.add(file.sha256);
    sources.push({ path: file.path, sha256: file.sha256, offset, size: file.size });
    offset += file.size;
  }
  return sources;
}

/** Numbers of the frames that hold these files, ascending. */
export function framesNeeded(files: readonly PackedFile[]): number[] {
  const needed = new Set<number>();
  for (const { offset, size } of files) {
    for (let n = Math.floor(offset / frameSize); n * frameSize < offset + size; n++) needed.add(n);
  }
  return [...needed].sort((left, right) => left - right);
}

/** Frames that are fetched with one range request. */
export type FrameRun = { first: number; count: number; offset: number; length: number };

/**
 * Joins frames that lie side by side, up to `limit` compressed bytes a request, so that memory stays bounded.
 */
export function coalesce(frames: readonly Frame[], numbers: readonly number[], limit: number): FrameRun[] {
  const runs: FrameRun[] = [];
  for (const n of numbers) {
    const frame = frames[n];
    if (frame === undefined) throw new RangeError(`the pack has no frame ${n}`);
    const last = runs.at(-1);
    const adjacent =
      last !== undefined && last.first + last.count === n && last.offset + last.length === frame.offset;
    if (adjacent && last.length + frame.length <= limit) {
      last.count += 1;
      last.length += frame.length;
    } else {
      runs.push({ first: n, count: 1, offset: frame.offset, length: frame.length });
    }
  }
  return runs;
}
