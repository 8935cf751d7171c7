import { randomBytes } from 'node:crypto';
import { redisPasswordName } from '../domain/app/redis-address.ts';
import { couldBeRedisPassword, redisPasswordOf } from '../domain/app/redis-password.ts';
import type { Reporter } from './ports/reporter.ts';
import type { RedisUser, RotatableSecrets } from './ports/secrets.ts';

/**
 * Gives the app's Redis user a new password, and returns the version of the secret that holds it.
 *
 * Redis accepts the new password, besides the one in use, before it is stored: Redis knows whatever version a
 * host gets. A run that dies in between leaves a password that nobody knows; the next run replaces it, and
 * the one in use always stays valid.
 *
 * Nothing keeps two people from rotating at once. Redis has two places for three passwords then, and for
 * seconds it may not accept the newest version; so each run ends by making it accept the two newest versions,
 * until these no longer change meanwhile.
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
  /** Ends when the newest version is still the one that Redis was given. */
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
  await accept('let Redis accept the new password too', 1, [password]);
  const version = await reporter.step('store the password as a new version of the secret', () =>
    secrets.set(environment, redisPasswordName, password),
  );
  const last = await accept('let Redis accept the two newest versions only', 2, []);
  return { version: last ?? version };
}
