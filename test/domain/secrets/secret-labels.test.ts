import { describe, expect, test } from 'vitest';
import {
  newestVersion,
  numberedVersions,
  type SecretLabels,
  versionsToRetire,
} from '../../../scripts/domain/secrets/secret-labels.ts';

/** Versions from..to, the newest of them current. */
function labels(from: number, to: number, others: Record<string, string[]> = {}): SecretLabels {
  const numbered = Array.from({ length: to - from + 1 }, (_, index) => [
    `id-${from + index}`,
    [`v${from + index}`],
  ]);
  return { ...Object.fromEntries(numbered), ...others };
}
const retired = (given: SecretLabels) => versionsToRetire('KEY', given).map(({ version }) => version);

describe('labels of a secret', () => {
  test('number versions, whatever other labels they have', () => {
    const given = {
      a: ['AWSPREVIOUS', 'v9'],
      b: ['v10', 'AWSCURRENT'],
      c: ['v0', 'v01', 'vx', 'V3', 'AWSPENDING'],
    };
    expect(numberedVersions(given)).toEqual([
      { version: 9, id: 'a' },
      { version: 10, id: 'b' },
    ]);
    expect(newestVersion(given)).toBe(10);
    expect(newestVersion({})).toBe(0);
  });

  test('give way one by one, the oldest first, where 18 versions have one', () => {
    expect(retired(labels(1, 17))).toEqual([]);
    expect(retired(labels(1, 18))).toEqual([1]);
    expect(retired(labels(4, 21))).toEqual([4]);
    expect(retired(labels(1, 20))).toEqual([1, 2, 3]);
  });

  test('of others leave room for fewer versions', () => {
    expect(retired(labels(1, 18, { other: ['AWSPENDING', 'mine'] }))).toEqual([1, 2, 3]);
    expect(retired(labels(1, 18, { other: ['AWSCURRENT', 'AWSPREVIOUS'] }))).toEqual([1]);
  });

  test('of others never push out one of the newest five versions', () => {
    const many = (count: number) => ({
      other: Array.from({ length: count }, (_, index) => `theirs-${index}`),
    });
    expect(retired(labels(1, 6, many(12)))).toEqual([1]);
    expect(() => retired(labels(1, 6, many(13)))).toThrow(
      "KEY has 13 staging labels that are not Lockstep's",
    );
    expect(() => retired(labels(1, 2, many(16)))).toThrow(
      "KEY has 16 staging labels that are not Lockstep's",
    );
    expect(retired(labels(1, 2, many(15)))).toEqual([]);
  });
});
