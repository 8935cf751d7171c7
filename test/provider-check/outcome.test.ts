import { expect, test } from 'vitest';
import { type EmulatorLimit, limitOf, withinLimits } from './emulator-limits.ts';
import { outcomeByType, totalOf } from './outcome.ts';

const limits: readonly EmulatorLimit[] = [
  { type: 'aws_a', says: /Unknown action/, without: ['metrics'], reason: 'no metrics' },
  { type: 'aws_b', says: /not implemented/, without: [], reason: 'no b at all' },
];

test('a refusal belongs to a limit by its type and its words', () => {
  const refusal = { address: 'module.staging.aws_a.one', message: 'Unknown action: X' };
  expect(limitOf(refusal, limits)).toBe(limits[0]);
  expect(limitOf({ ...refusal, message: 'access denied' }, limits)).toBeUndefined();
  expect(limitOf({ ...refusal, address: 'aws_b.one' }, limits)).toBeUndefined();
  expect(limitOf({ ...refusal, address: null }, limits)).toBeUndefined();
});

test('within its limits a resource lacks the inputs that the emulator does not know, and others keep them', () => {
  const resource = {
    label: 'one',
    type: 'aws_a',
    name: 'one',
    provider: null,
    body: { metrics: true, name: 'one' },
    ignoreChanges: [],
    dependsOn: [],
  };
  expect(withinLimits(resource, limits).body).toEqual({ name: 'one' });
  expect(withinLimits({ ...resource, type: 'aws_c' }, limits).body).toEqual(resource.body);
});

test('every planned resource is counted once: whole, in part, or not at all and why', () => {
  const planned = [
    'm.aws_a.one',
    'm.aws_a.two',
    'm.aws_b.one',
    'm.aws_c.one',
    'm.aws_c.two',
    'm.aws_c.three',
  ];
  const whole = new Set(['m.aws_a.one', 'm.aws_c.one']);
  // The second of c only waited for an a.
  const later = new Set(['m.aws_a.one', 'm.aws_a.two', 'm.aws_c.two']);
  const outcomes = outcomeByType(planned, whole, later, limits);
  expect(outcomes).toEqual([
    { type: 'aws_a', planned: 2, applied: 1, partly: 1, notPossible: 0, why: 'no metrics' },
    { type: 'aws_b', planned: 1, applied: 0, partly: 0, notPossible: 1, why: 'no b at all' },
    {
      type: 'aws_c',
      planned: 3,
      applied: 2,
      partly: 0,
      notPossible: 1,
      why: 'waits for something that is not possible',
    },
  ]);
  expect(totalOf(outcomes)).toMatchObject({ planned: 6, applied: 3, partly: 1, notPossible: 2 });
});
