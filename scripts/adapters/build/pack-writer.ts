import { createHash } from 'node:crypto';
import { closeSync, constants as fileFlags, openSync, readSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { errored } from '../../domain/errors.ts';
import { type Frame, frameSize, type PackIndex, type PackSource } from '../../domain/release/pack.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { FrameCompressor } from './frame-compressor.ts';

/**
 * Frames under way at once: as many as the thread pool has threads, at most. Each takes some 10 MB, with what
 * the compressor needs.
 */
const parallel = Math.min(os.availableParallelism(), 4);

/**
 * Writes contents of `tree` to a pack and puts it into the store under its hash. Each content is hashed again
 * on the way: what was scanned is what is stored.
 *
 * @throws LockstepError `errored` when a file changed since it was scanned.
 */
export async function writePack(options: {
  tree: string;
  sources: readonly PackSource[];
  store: ObjectStore;
  temporary: string;
  signal: AbortSignal;
}): Promise<{ sha256: string; index: PackIndex; bytes: number }> {
  const { tree, sources, store, temporary, signal } = options;
  const file = path.join(temporary, 'pack');
  const output = await open(file, 'wx', 0o600);
  const digest = createHash('sha256');
  const frames: Frame[] = [];
  let bytes = 0;
  try {
    for await (const { pieces, size } of compressed(tree, sources, signal)) {
      const offset = bytes;
      for (const piece of pieces) {
        digest.update(piece);
        await output.writeFile(piece);
        bytes += piece.length;
      }
      frames.push({ offset, length: bytes - offset, size });
    }
    const sha256 = digest.digest('hex');
    await store.putIfAbsent(storeKeys.pack(sha256), piecesOf(file));
    const files = sources.map(({ sha256, offset, size }) => ({ sha256, offset, size }));
    return { sha256, index: { frames, files }, bytes };
  } finally {
    await output.close();
    await rm(file, { force: true });
  }
}

/**
 * Compresses several frames at once and gives them in order; the pieces of one are good until the next is
 * asked for.
 */
async function* compressed(
  tree: string,
  sources: readonly PackSource[],
  signal: AbortSignal,
): AsyncGenerator<{ pieces: readonly Buffer[]; size: number }> {
  // The same few buffers and contexts again and again: fresh memory costs more than what is done with it.
  const lanes = Array.from({ length: parallel }, () => ({
    frame: Buffer.allocUnsafeSlow(frameSize),
    compressor: new FrameCompressor(),
  }));
  const underWay: { work: Promise<readonly Buffer[]>; size: number }[] = [];
  try {
    for (const { lane, size } of framed(tree, sources, inTurn(lanes))) {
      signal.throwIfAborted();
      const work = lane.compressor.compress(lane.frame.subarray(0, size));
      // Awaited below; until then a failure must not count as unhandled.
      work.catch(() => {});
      underWay.push({ work, size });
      const first = underWay.length >= parallel ? underWay.shift() : undefined;
      if (first !== undefined) yield { pieces: await first.work, size: first.size };
    }
    for (const { work, size } of underWay) yield { pieces: await work, size };
  } finally {
    for (const { compressor } of lanes) compressor.close();
  }
}

/**
 * The contents as one stream, cut into frames that are filled one after the other; the first `size` bytes of
 * each count.
 */
function* framed<T extends { frame: Buffer }>(
  tree: string,
  sources: readonly PackSource[],
  lanes: Generator<T, never>,
): Generator<{ lane: T; size: number }> {
  let lane = lanes.next().value;
  let filled = 0;
  for (const source of sources) {
    const descriptor = openSync(path.join(tree, source.path), fileFlags.O_RDONLY | fileFlags.O_NOFOLLOW);
    const digest = createHash('sha256');
    try {
      for (let done = 0; done < source.size; ) {
        const room = Math.min(frameSize - filled, source.size - done);
        const count = readSync(descriptor, lane.frame, filled, room, done);
        if (count === 0) throw changed(source.path);
        digest.update(lane.frame.subarray(filled, filled + count));
        filled += count;
        done += count;
        if (filled === frameSize) {
          yield { lane, size: filled };
          lane = lanes.next().value;
          filled = 0;
        }
      }
    } finally {
      closeSync(descriptor);
    }
    if (digest.digest('hex') !== source.sha256) throw changed(source.path);
  }
  if (filled > 0) yield { lane, size: filled };
}

function* inTurn<T>(items: readonly T[]): Generator<T, never> {
  for (;;) yield* items;
}

/** A file in pieces that lie in one buffer, as the port allows. */
async function* piecesOf(file: string): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  const descriptor = openSync(file, fileFlags.O_RDONLY);
  try {
    for (;;) {
      const count = readSync(descriptor, buffer, 0, buffer.length, null);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}

function changed(file: string) {
  return errored(`${file} changed while it was stored: something that a build step started still writes`, {
    fix: 'Let the step wait for what it starts.',
  });
}
