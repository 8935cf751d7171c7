import { expect, it } from 'vitest';
import { couldBeRedisPassword, redisPasswordOf } from '../../../scripts/domain/app/redis-password.ts';

it('a password for Redis has 16 to 128 characters that can be printed, and no space', () => {
  for (const good of ['a'.repeat(16), '~'.repeat(128), '!"#$%&()*+,-./:;<']) {
    expect(couldBeRedisPassword(good), good).toBe(true);
  }
  for (const bad of [
    'a'.repeat(15),
    'a'.repeat(129),
    `${'a'.repeat(16)} b`,
    `${'a'.repeat(16)}\n`,
    'ä'.repeat(16),
  ]) {
    expect(couldBeRedisPassword(bad), bad).toBe(false);
  }
});

it('a password that Lockstep makes is one, with all of its 256 bits', () => {
  const password = redisPasswordOf(Uint8Array.from({ length: 32 }, (_, index) => index));
  expect(password).toMatch(/^000102.*1e1f$/);
  expect(couldBeRedisPassword(password)).toBe(true);
});
