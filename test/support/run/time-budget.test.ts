import { expect, test } from 'vitest';
import { whyNoTime } from './time-budget.ts';

test('slow tests are left out only where the one check began too long ago, and say so', () => {
  expect(whyNoTime(undefined, 1e9)).toBeNull();
  expect(whyNoTime('1000', 1480)).toBeNull();
  expect(whyNoTime('1000', 1500)).toMatch(/500 s had passed, 480 are allowed/);
});
