import { createZstdDecompress } from 'node:zlib';
import { frameSize } from '../domain/pack.ts';

/**
 * Decompresses one frame after the other with one context of zstd: Node frees a context only when its object is collected
 * (`ZstdContext::Close` in src/node_zlib.cc of Node 24), and nothing urges V8 to do so.
 */
export class FrameDecompressor {
  /** A whole frame's content fills one buffer, so that zstd writes there and nowhere else before. */
  readonly #stream = createZstdDecompress({ chunkSize: frameSize });
  #pieces: Buffer[] = [];
  #room = 0;

  constructor() {
    this.#stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#room -= piece.length;
      if (this.#room < 0) this.#stream.destroy(new RangeError('more content than its index says'));
    });
    // Whoever waits for the frame hears of it.
    this.#stream.on('error', () => {});
  }

  /**
   * The content of a frame, `size` bytes at most, in a buffer of its own; only the last frame may be shorter than {@link frameSize}.
   * @throws Error where the frame is damaged or holds more. One call at a time, and none after an error.
   */
  decompress(frame: Uint8Array, size: number): Promise<Uint8Array> {
    this.#pieces = [];
    this.#room = size;
    return new Promise((resolve, reject) => {
      this.#stream.write(frame, (error) => {
        const [whole = Buffer.alloc(0), ...rest] = this.#pieces;
        this.#pieces = [];
        // A stream that is destroyed calls back for what was under way as if it were done.
        if (error || this.#stream.destroyed)
          reject(error ?? this.#stream.errored ?? new Error('it was closed'));
        else resolve(rest.length === 0 ? whole : Buffer.concat([whole, ...rest]));
      });
    });
  }

  close(): void {
    this.#stream.destroy();
  }
}
