import { createZstdDecompress } from 'node:zlib';
import { frameSize } from '../../domain/release/pack.ts';

/**
 * Decompresses one frame after the other with one context of zstd: Node frees a context only when its object
 * is collected (`ZstdContext::Close` in src/node_zlib.cc of Node 24), and nothing urges V8 to do so.
 */
export class FrameDecompressor {
  /** A whole frame's content fills one buffer, so that zstd writes there and nowhere else before. */
  readonly #stream = createZstdDecompress({ chunkSize: frameSize });
  #pieces: Buffer[] = [];
  #room = 0;
  #refuse: (error: Error) => void = () => {};

  constructor() {
    this.#stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#room -= piece.length;
      if (this.#room < 0) this.#stream.destroy(new RangeError('more content than its index says'));
    });
    // Where bytes follow the frame the stream ends, and never calls back for what was written.
    this.#stream.on('end', () => this.#stream.destroy(new RangeError('something follows the frame')));
    this.#stream.on('error', () => {});
    this.#stream.on('close', () => this.#refuse(this.#stream.errored ?? new Error('it was closed')));
  }

  /**
   * The content of a frame, `size` bytes at most, in a buffer of its own; only the last frame may be shorter
   * than {@link frameSize}.
   * @throws Error where the frame is damaged or holds more. One call at a time, and none after an error.
   */
  decompress(frame: Uint8Array, size: number): Promise<Uint8Array> {
    this.#pieces = [];
    this.#room = size;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#refuse = reject;
    this.#stream.write(frame, (error) => {
      if (error) reject(error);
      // Also called for what was under way when the stream was destroyed: `close` follows.
      if (this.#stream.destroyed) return;
      const [whole = Buffer.alloc(0), ...rest] = this.#pieces;
      this.#pieces = [];
      resolve(rest.length === 0 ? whole : Buffer.concat([whole, ...rest]));
    });
    return promise;
  }

  close(): void {
    this.#stream.destroy();
  }
}
