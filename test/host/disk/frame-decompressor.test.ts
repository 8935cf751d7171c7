import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameSize } from '../../../scripts/domain/release/pack.ts';
import { FrameDecompressor } from '../../../scripts/host/disk/frame-decompressor.ts';

async function decompressed(frame: Uint8Array, size: number): Promise<Buffer> {
  const decompressor = new FrameDecompressor();
  try {
    return Buffer.from(await decompressor.decompress(frame, size));
  } finally {
    decompressor.close();
  }
}

describe('a decompressor of frames', () => {
  it('gives the content of each, one after the other, in a buffer of its own', async () => {
    const decompressor = new FrameDecompressor();
    const contents = [randomBytes(frameSize), Buffer.alloc(frameSize, 'content '), randomBytes(70_000)];
    const results: Uint8Array[] = [];
    for (const content of contents) {
      results.push(await decompressor.decompress(zstdCompressSync(content), content.length));
    }
    decompressor.close();
    expect(results.map((result, n) => contents[n]?.equals(result))).toEqual([true, true, true]);
    expect(new Set(results.map(({ buffer }) => buffer)).size).toBe(3);
  });

  it('refuses more than the index says, before it lies in memory', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * frameSize));
    await expect(decompressed(bomb, frameSize)).rejects.toThrow('more content');
  });

  it('refuses what is no frame, and what follows one', async () => {
    const frame = zstdCompressSync(randomBytes(1_000));
    await expect(decompressed(Buffer.from('no frame at all'), 1_000)).rejects.toThrow();
    await expect(decompressed(Buffer.concat([frame, Buffer.from('more')]), 1_000)).rejects.toThrow();
    await expect(decompressed(Buffer.concat([frame, frame]), 1_000)).rejects.toThrow();
  });

  it('ends with bytes or an error, whatever is damaged', async () => {
    const sound = zstdCompressSync(
      Buffer.from('some content, repeated: some content, repeated. '.repeat(50)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(sound.length - 1),
        fc.nat(255),
        fc.nat(sound.length),
        async (at, value, length) => {
          const damaged = Buffer.from(sound)
            .fill(value, at, at + 1)
            .subarray(0, length);
          const result = await decompressed(damaged, frameSize).catch((error: unknown) => error);
          expect(result instanceof Error || Buffer.isBuffer(result)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
