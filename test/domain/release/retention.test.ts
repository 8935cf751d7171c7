import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  activationsToRemove,
  nextActivation,
  nextReleaseCopy,
  parseActivation,
  parseReleaseCopy,
  releasesToRemove,
} from '../../../scripts/domain/release/retention.ts';

const digest = 'a'.repeat(64);

test('never removes what is in use, and keeps the newest', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 12 });
  fc.assert(
    fc.property(names, fc.nat(5), fc.nat(12), (held, keep, used) => {
      const inUse = new Set(held.slice(-used));
      const removed = new Set(releasesToRemove({ held, inUse, keep }));
      expect(held.filter((name) => removed.has(name) && inUse.has(name))).toEqual([]);
      expect(held.slice(0, keep).some((name) => removed.has(name))).toBe(false);
      expect(held.length - removed.size).toBeLessThanOrEqual(keep + inUse.size);
      const others = activationsToRemove({ existing: held, inUse, keep });
      expect(held.length - others.length).toBeLessThanOrEqual(keep + inUse.size);
    }),
  );
});

test('keeps the current activation and the newest others, however old the current one is', () => {
  const existing = ['9', '8', '7', '6', '5'];
  expect(activationsToRemove({ existing, inUse: new Set(['8']), keep: 2 })).toEqual(['6', '5']);
  expect(activationsToRemove({ existing, inUse: new Set(['5']), keep: 2 })).toEqual(['7', '6']);
});

test('gives a damaged copy a successor of its own name', () => {
  const held = [`${digest}.2`, `${'b'.repeat(64)}.7`].flatMap((name) => parseReleaseCopy(name) ?? []);
  expect(nextReleaseCopy(held, digest)).toBe(`${digest}.3`);
  expect(nextReleaseCopy([], digest)).toBe(`${digest}.1`);
});

test('writes an order that was activated before under the next name', () => {
  expect(nextActivation([], 5)).toBe('5');
  expect(nextActivation(['4', '5', '50'], 5)).toBe('5.2');
  expect(nextActivation(['5', '5.2'], 5)).toBe('5.3');
  expect(nextActivation(['4', '4.7', '5'], 5)).toBe('5.2');
  expect(nextActivation(['4', '4.7'], 5)).toBe('5');
});

test('takes nothing else that lies there for a copy or an activation', () => {
  for (const name of ['.partial-1', `${digest}`, `${digest}.0`, `${digest}.json`, `../${digest}.1`])
    expect(parseReleaseCopy(name)).toBeUndefined();
  for (const name of ['0', '5.tmp', '5.2.tmp', '..', '']) expect(parseActivation(name)).toBeUndefined();
});
