import { createHash } from 'node:crypto';
import { closeSync, constants as fileFlags, openSync, readSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { errored } from '../domain/errors.ts';
import { type Frame, frameSize, type PackIndex, type PackSource } from '../domain/pack.ts';
import { storeKeys } from '../domain/store-keys.ts';
import { giveBack } from '../host/give-back.ts';
import type { ObjectStore } from '../workflows/ports.ts';

const compress = promisify(zstdCompress);
/**
 * Frames under way at once: as many as the thread pool has threads, at most. Each takes some 10 MB, with what the compressor needs.
 */
const parallel = Math.min(os.availableParallelism(), 4);
/** Room for a frame that can't be compressed, so that one call gives one buffer. */
const chunkSize = frameSize + 64 * 1024;

/**
 * Writes contents of `tree` to a pack and puts it into the store under its hash. Each content is hashed again on the
 * way: what was scanned is what is stored.
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
    for await (const { data, size } of compressed(tree, sources, signal)) {
      digest.update(data);
      await output.writeFile(data);
      frames.push({ offset: bytes, length: data.length, size });
      bytes += data.length;
      giveBack(data);
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

/** Compresses several frames at once in the thread pool and gives them in order. */
async function* compressed(
  tree: string,
  sources: readonly PackSource[],
  signal: AbortSignal,
): AsyncGenerator<{ data: Buffer; size: number }> {
  // The same few buffers again and again: fresh memory costs more than what is done with it.
  const idle: Buffer[] = [];
  const underWay: Promise<{ data: Buffer; size: number }>[] = [];
  const params = { [constants.ZSTD_c_compressionLevel]: 3 };
  for (const { frame, size } of framed(
    tree,
    sources,
    () => idle.pop() ?? Buffer.allocUnsafeSlow(frameSize),
  )) {
    signal.throwIfAborted();
    const work = compress(frame.subarray(0, size), { chunkSize, params }).then((data) => {
      idle.push(frame);
      return { data, size };
    });
    // Awaited below; until then a failure must not count as unhandled.
    work.catch(() => {});
    underWay.push(work);
    const first = underWay.length >= parallel ? underWay.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const work of underWay) yield await work;
}

/** The contents as one stream, cut into frames of which the first `size` bytes count. */
function* framed(
  tree: string,
  sources: readonly PackSource[],
  empty: () => Buffer,
): Generator<{ frame: Buffer; size: number }> {
  let frame = empty();
  let filled = 0;
  for (const source of sources) {
    const descriptor = openSync(path.join(tree, source.path), fileFlags.O_RDONLY | fileFlags.O_NOFOLLOW);
    const digest = createHash('sha256');
    try {
      for (let done = 0; done < source.size; ) {
        const count = readSync(
          descriptor,
          frame,
          filled,
          Math.min(frameSize - filled, source.size - done),
          done,
        );
        if (count === 0) throw changed(source.path);
        digest.update(frame.subarray(filled, filled + count));
        filled += count;
        done += count;
        if (filled === frameSize) {
          yield { frame, size: filled };
          frame = empty();
          filled = 0;
        }
      }
    } finally {
      closeSync(descriptor);
    }
    if (digest.digest('hex') !== source.sha256) throw changed(source.path);
  }
  if (filled > 0) yield { frame, size: filled };
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
