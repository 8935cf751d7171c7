import { randomBytes } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameCompressor } from '../../../scripts/adapters/build/frame-compressor.ts';
import { frameSize } from '../../../scripts/domain/release/pack.ts';

const frames = fc.array(
  fc.record({
    size: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(frameSize - 1, frameSize)),
    random: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('a compressor of frames', () => {
  it('makes of each frame, one after the other, what can be decompressed by itself', async () => {
    await fc.assert(
      fc.asyncProperty(frames, async (list) => {
        const compressor = new FrameCompressor();
        try {
          for (const { size, random } of list) {
            const frame = random ? randomBytes(size) : Buffer.alloc(size, 'content ');
            const compressed = Buffer.concat(await compressor.compress(frame));
            expect(zstdDecompressSync(compressed).equals(frame)).toBe(true);
          }
        } finally {
          compressor.close();
        }
      }),
      { numRuns: 20 },
    );
  });

  it('tells in each frame how large its content is', async () => {
    const compressor = new FrameCompressor();
    try {
      for (const size of [frameSize, 70_000]) {
        const [first] = await compressor.compress(randomBytes(size));
        // RFC 8878, 3.1.1.1: magic number, descriptor with a content size of 4 bytes, one segment: no window
        // follows.
        expect(first?.readUInt32LE(0)).toBe(0xfd2fb528);
        expect((first?.[4] ?? 0) & 0b1110_0000).toBe(0b1010_0000);
        expect(first?.readUInt32LE(5)).toBe(size);
      }
    } finally {
      compressor.close();
    }
  });

  it('says what failed where it is closed while a frame is under way', async () => {
    const compressor = new FrameCompressor();
    const work = compressor.compress(randomBytes(frameSize));
    compressor.close();
    await expect(work).rejects.toThrow(/destroyed|closed/i);
  });
});
