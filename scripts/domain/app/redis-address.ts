import type { AppManifest } from './app-manifest.ts';

/**
 * The secret that holds the password of the app's user, where Redis has users. `lockstep secret rotate-redis`
 * sets it.
 */
export const redisPasswordName = 'REDIS_PASSWORD';

type Bindings = Readonly<Record<string, string>>;

/**
 * Why the app could not log in to this host's Redis; null where it can, or does not use the binding
 * REDIS_URL.
 */
export function redisProblem(manifest: AppManifest, given: Bindings): string | null {
  const { REDIS_USER: user } = given;
  const asks = manifest.bindings.some((name) => name === 'REDIS_URL');
  if (!asks || user === undefined || manifest.secrets[redisPasswordName] !== undefined) return null;
  return `Redis accepts only the user ${user}, and the app does not declare the secret ${redisPasswordName}: it could not log in`;
}

/**
 * The bindings with a login in REDIS_URL: the user from this host's provisioning, the password from the
 * secret that only hosts read. Other bindings, and the address of a Redis without users, stay as they are.
 */
export function withRedisLogin(values: Bindings, given: Bindings, secrets: Bindings): Record<string, string> {
  const { REDIS_URL: address } = values;
  const [user, password] = [given.REDIS_USER, secrets[redisPasswordName]];
  if (address === undefined || user === undefined || password === undefined) return { ...values };
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return { ...values, REDIS_URL: address.replace('://', () => `://${login}@`) };
}
