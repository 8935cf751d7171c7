import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coalesce,
  frameSize,
  framesNeeded,
  packIndexSchema,
  planPack,
} from '../../../scripts/domain/release/pack.ts';
import type { FileEntry } from '../../../scripts/domain/release/release.ts';

const sha = (n: number) => n.toString(16).padStart(64, '0');
const file = (path: string, size: number, content: number): FileEntry => ({
  type: 'file',
  path,
  mode: '0444',
  size,
  sha256: sha(content),
});

describe('a pack', () => {
  it('holds each content once, one after the other by path, and nothing that is stored or empty', () => {
    const files = [
      file('b', 5, 2),
      file('a', 7, 1),
      file('copy-of-a', 7, 1),
      file('empty', 0, 9),
      file('stored', 3, 3),
      { type: 'directory', path: 'd' } as const,
    ];
    expect(planPack(files, new Set([sha(3)]))).toEqual([
      { path: 'a', sha256: sha(1), offset: 0, size: 7 },
      { path: 'b', sha256: sha(2), offset: 7, size: 5 },
    ]);
  });

  const sizes = fc.array(fc.integer({ min: 1, max: 3 * frameSize }), { minLength: 1, maxLength: 12 });

  it('is read by exactly the frames that hold the files asked for', () => {
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.boolean()), (given, choices) => {
        const plan = planPack(
          given.map((size, n) => file(`f${sha(n)}`, size, n + 1)),
          new Set(),
        );
        const wanted = plan.filter(() => choices.next().value);
        const held = (frame: number) =>
          wanted.some(
            ({ offset, size }) => offset < (frame + 1) * frameSize && offset + size > frame * frameSize,
          );
        const last = Math.ceil(given.reduce((sum, size) => sum + size, 0) / frameSize);
        const expected = Array.from({ length: last }, (_, n) => n).filter(held);
        expect(framesNeeded(wanted)).toEqual(expected);
      }),
    );
  });

  it('is fetched in runs of neighbours that stay below the limit, or are one frame', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        lengths,
        fc.infiniteStream(fc.boolean()),
        fc.integer({ min: 1, max: 3_000 }),
        (all, choices, limit) => {
          let offset = 0;
          const frames = all.map((length) => {
            offset += length;
            return { offset: offset - length, length, size: 1 };
          });
          const numbers = frames.flatMap((_, n) => (choices.next().value ? [n] : []));
          const runs = coalesce(frames, numbers, limit);
          const covered = runs.flatMap(({ first, count }) =>
            Array.from({ length: count }, (_, n) => first + n),
          );
          expect(covered).toEqual(numbers);
          for (const { first, count, offset: from, length } of runs) {
            expect(from).toBe(frames[first]?.offset);
            const own = frames.slice(first, first + count).reduce((sum, each) => sum + each.length, 0);
            expect(length).toBe(own);
            expect(count === 1 || length <= limit).toBe(true);
          }
        },
      ),
    );
  });

  it('has an index that is refused where frames and files do not fit each other', () => {
    const frames = [{ offset: 0, length: 10, size: 100 }];
    const files = [{ sha256: sha(1), offset: 0, size: 100 }];
    expect(packIndexSchema.safeParse({ frames, files }).success).toBe(true);
    for (const wrong of [
      { frames, files: [{ sha256: sha(1), offset: 1, size: 100 }] },
      { frames: [...frames, ...frames], files },
      { frames: [{ offset: 0, length: 10, size: frameSize + 1 }], files },
      { frames, files: [{ sha256: sha(1), offset: -1, size: 1 }] },
      { frames, files: [{ sha256: sha(1), offset: 0.5, size: 1 }] },
      { frames, files: [{ sha256: sha(1), offset: 0, size: 0 }] },
      { frames, files: [{ sha256: 'x', offset: 0, size: 1 }] },
      { frames, files: [{ sha256: sha(1), offset: 0, size: 1, more: 1 }] },
      { frames, files: [null] },
      { frames, files: {} },
    ]) {
      expect(packIndexSchema.safeParse(wrong).success).toBe(false);
    }
    expect(() => coalesce(frames, [1], 10)).toThrow('no frame 1');
  });
});
