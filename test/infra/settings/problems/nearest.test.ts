import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../../../infra/settings/problems/nearest.ts';

const word = fc.string({ maxLength: 12 });

describe('the nearest known name', () => {
  test.each([
    ['soakMinuts', 'soakMinutes'],
    ['health_path', 'healthPath'],
    ['prot', 'port'],
    ['sevices', 'services'],
    ['redis.node', 'redis.nodes'],
  ])('of %s is %s', (got, meant) => {
    const known = ['soakMinutes', 'healthPath', 'port', 'services', 'redis.nodes', 'command'];
    expect(nearest(got, known)).toBe(meant);
  });

  test('is none where every known name is far away', () => {
    expect(nearest('volume', ['port', 'command', 'services'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  test('of a known name with one slip is a name no further away than that', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,10}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (known, which, where) => {
        const meant = known[which % known.length] ?? '';
        const at = where % meant.length;
        const slipped = `${meant.slice(0, at)}${meant.slice(at + 1)}`;
        const found = nearest(slipped, known);
        expect(found).toBeDefined();
        expect(editDistance(slipped, found ?? '')).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the distance of two words', () => {
  test('is 0 for the same word alone, the same both ways, and no longer than the longer word', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right);
        expect(distance === 0).toBe(left === right);
        expect(distance).toBe(editDistance(right, left));
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
      }),
    );
  });

  test('counts a swap of neighbours once', () => {
    expect(editDistance('prot', 'port')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
  });
});
