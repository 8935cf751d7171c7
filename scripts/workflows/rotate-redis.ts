import { randomBytes } from 'node:crypto';
import { redisPasswordName } from '../domain/app/redis-address.ts';
import { couldBeRedisPassword, redisPasswordOf } from '../domain/app/redis-password.ts';
import type { Reporter } from './ports/reporter.ts';
import type { RedisUser, RotatableSecrets } from './ports/secrets.ts';

/**
 * Gives the app's Redis user a new password, and answers the version of the secret that holds it.
 *
 * Redis takes the new one, beside the one in use, before it is stored: whatever version a host gets, Redis
 * knows. A run that dies in between leaves a password that nobody knows; the next run puts its own in that
 * place, and the one in use never leaves.
 *
 * Nothing keeps two people from rotating at once. Redis has two places for three passwords then, and for
 * seconds may not take the newest version; so each ends by letting it accept what the two newest versions
 * say, until these have stayed what they were.
 *
 * @throws LockstepError as the ports do; no message holds a password.
 */
export async function rotateRedis(options: {
  environment: string;
  secrets: RotatableSecrets;
  user: RedisUser;
  reporter: Reporter;
}): Promise<{ version: number }> {
  const { environment, secrets, user, reporter } = options;
  const newest = async (count: number) => {
    const found = await secrets.newestValues(environment, redisPasswordName, count);
    return found.filter(({ value }) => couldBeRedisPassword(value));
  };
  /** Ends when the newest version is still the one that Redis was told of. */
  const accept = async (title: string, count: number, unstored: readonly string[]) => {
    for (;;) {
      const stored = await newest(count);
      const passwords = [...unstored, ...stored.map(({ value }) => value)];
      await reporter.step(title, () => user.accept(passwords));
      const [last] = await newest(1);
      if (last?.version === stored[0]?.version) return last?.version;
    }
  };
  const password = redisPasswordOf(randomBytes(32));
  await accept('Redis learns the new password', 1, [password]);
  const version = await reporter.step('the password becomes a version of the secret', () =>
    secrets.set(environment, redisPasswordName, password),
  );
  const last = await accept('Redis accepts what the two newest versions say', 2, []);
  return { version: last ?? version };
}
