import { failed, messageOf } from '../../domain/errors.ts';
import {
  coalesce,
  type FrameRun,
  frameSize,
  framesNeeded,
  type PackedFile,
  type PackIndex,
} from '../../domain/release/pack.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { freeBuffer } from '../../machine/free-buffer.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { FrameDecompressor } from './frame-decompressor.ts';

/**
 * Compressed bytes asked for with one request where several frames fit: with the frame that they become, all
 * of a pack that lies in memory.
 */
const requestBytes = 1024 * 1024;

/** The files wanted of one pack, by offset, and the requests that bring them. */
export type PackFetch = { pack: string; index: PackIndex; files: PackedFile[]; runs: FrameRun[] };

/** Contents by their SHA-256: a set of them, or a map from them. */
export type Contents = { has(sha256: string): boolean; keys(): Iterable<string>; readonly size: number };

export function planPackFetch(pack: string, index: PackIndex, wanted: Contents): PackFetch {
  const files = index.files
    .filter(({ sha256 }) => wanted.has(sha256))
    .sort((left, right) => left.offset - right.offset);
  return { pack, index, files, runs: coalesce(index.frames, framesNeeded(files), requestBytes) };
}

/**
 * One piece of a file, in order; a file's first piece has `start`, its last has `end`. Good until the next is
 * asked for.
 */
export type Piece = { file: PackedFile; bytes: Uint8Array; start: boolean; end: boolean };

/**
 * The bytes of the wanted files, file after file, one frame in memory at a time. Nothing of it is to be
 * trusted: the caller checks each file's hash.
 *
 * @throws LockstepError `failed` when the pack is missing or damaged.
 */
export async function* readPieces(store: ObjectStore, fetch: PackFetch): AsyncGenerator<Piece> {
  let next = 0;
  for await (const { number, bytes } of frames(store, fetch)) {
    const [from, to] = [number * frameSize, number * frameSize + bytes.length];
    for (; ; next++) {
      const file = fetch.files[next];
      if (file === undefined || file.offset >= to) break;
      const end = file.offset + file.size;
      const piece = bytes.subarray(Math.max(file.offset, from) - from, Math.min(end, to) - from);
      yield { file, bytes: piece, start: file.offset >= from, end: end <= to };
      if (end > to) break;
    }
  }
}

async function* frames(
  store: ObjectStore,
  { pack, index, runs }: PackFetch,
): AsyncGenerator<{ number: number; bytes: Uint8Array }> {
  const decompressor = new FrameDecompressor();
  try {
    for (const run of runs) {
      const object = await store.get(storeKeys.pack(pack), { offset: run.offset, length: run.length });
      if (object === undefined) throw damaged(pack, 'it is not in the store');
      if (object.body.length !== run.length) throw damaged(pack, 'it is shorter than its index says');
      for (let number = run.first; number < run.first + run.count; number++) {
        const frame = index.frames[number];
        if (frame === undefined) throw damaged(pack, `it has no frame ${number}`);
        const start = frame.offset - run.offset;
        const compressed = object.body.subarray(start, start + frame.length);
        const bytes = await decompressor.decompress(compressed, frame.size).catch((error) => {
          throw damaged(pack, `frame ${number} can't be decompressed (${messageOf(error)})`);
        });
        if (bytes.length !== frame.size)
          throw damaged(pack, `frame ${number} has another size than its index says`);
        yield { number, bytes };
        freeBuffer(bytes);
      }
      freeBuffer(object.body);
    }
  } finally {
    decompressor.close();
  }
}

export function damaged(pack: string, why: string) {
  return failed(`pack ${pack.slice(0, 12)} can't be used: ${why}`, {
    fix: 'Restore it from a backup of the store, or build the release under a new tag.',
  });
}
