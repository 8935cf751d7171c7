import type { AppManifest } from './app-manifest.ts';

/**
 * The secret that holds the password of the app's user, where Redis knows users.
 * `lockstep secret rotate-redis` sets it.
 */
export const redisPasswordName = 'REDIS_PASSWORD';

type Bindings = Readonly<Record<string, string>>;

/** Why the app could not log in to this host's Redis; null where it can, or doesn't ask for its address. */
export function redisProblem(manifest: AppManifest, given: Bindings): string | null {
  const { REDIS_USER: user } = given;
  const asks = manifest.bindings.some((name) => name === 'REDIS_URL');
  if (!asks || user === undefined || manifest.secrets[redisPasswordName] !== undefined) return null;
  return `Redis lets only ${user} in, and the app does not declare the secret ${redisPasswordName}: its REDIS_URL would be of no use`;
}

/**
 * Bindings in which the address of Redis names the user that this host knows, and the password that only
 * hosts read. Others, and a Redis without users, stay as they are.
 */
export function withRedisLogin(values: Bindings, given: Bindings, secrets: Bindings): Record<string, string> {
  const { REDIS_URL: address } = values;
  const [user, password] = [given.REDIS_USER, secrets[redisPasswordName]];
  if (address === undefined || user === undefined || password === undefined) return { ...values };
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return { ...values, REDIS_URL: address.replace('://', () => `://${login}@`) };
}
