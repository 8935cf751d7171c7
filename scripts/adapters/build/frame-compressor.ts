import { constants, createZstdCompress } from 'node:zlib';
import { freeBuffer } from '../../machine/free-buffer.ts';

const chunkSize = 256 * 1024;

/**
 * Compresses one frame after the other, in the thread pool, with one context of zstd. Node frees the memory
 * of a context, some 5 MB for 2 MiB, only when its object is collected, whether it was closed or not
 * (`ZstdContext::Close` in src/node_zlib.cc of Node 24), and V8 doesn't know of it: a context for each frame
 * takes as much as there are frames.
 */
export class FrameCompressor {
  /** Every write is a whole frame: its header tells its size, so that a reader needs no window of its own. */
  readonly #stream = createZstdCompress({
    chunkSize,
    flush: constants.ZSTD_e_end,
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
  });
  #pieces: Buffer[] = [];
  /** What the pieces lie in; the stream goes on in the last one where there is room. */
  readonly #buffers = new Set<Buffer['buffer']>();

  constructor() {
    this.#stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#buffers.add(piece.buffer);
    });
    // Whoever waits for the frame hears of it.
    this.#stream.on('error', () => {});
  }

  /** The frame in pieces that are good until the next call; one call at a time. */
  compress(frame: Uint8Array): Promise<readonly Buffer[]> {
    this.#forget();
    return new Promise((resolve, reject) => {
      this.#stream.write(frame, (error) => {
        // A stream that is destroyed calls back for what was under way as if it were done.
        if (error || this.#stream.destroyed) reject(error ?? new Error('the compressor was closed'));
        else resolve(this.#pieces);
      });
    });
  }

  close(): void {
    this.#stream.destroy();
  }

  #forget(): void {
    const open = this.#pieces.at(-1)?.buffer;
    for (const buffer of this.#buffers) {
      if (buffer === open) continue;
      freeBuffer(new Uint8Array(buffer));
      this.#buffers.delete(buffer);
    }
    this.#pieces = [];
  }
}
