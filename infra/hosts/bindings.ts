import type { SharedSettings, StackIdentity } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';

/** What is known only when it exists. */
export type Made<Text = string> = {
  /** `user`: as whom the app logs in; null for a Redis that exists already, whose users are not known here. */
  redis: { host: Text; port: Text; user: string | null } | null;
  llm: { baseUrl: string; model: string } | null;
};

/** Where the tunnel of the boot contract answers. */
export const tunnel = { host: '127.0.0.1', port: '6379' };

/**
 * What infrastructure gives the app, under the same names in every environment (design: "Bindings"). `REDIS_URL` is
 * composed on the host, which alone knows the password; `SHARED_DIR` and the URLs of services are added there too.
 */
export function bindingsOf<Text>(
  settings: SharedSettings,
  identity: Pick<StackIdentity, 'domain'>,
  times: Pick<Times, 'keepAliveSeconds'>,
  { redis, llm }: Made<Text>,
): Record<string, string | Text> {
  const reached = redis !== null && settings.redis.tunnel ? tunnel : redis;
  return {
    PUBLIC_URL: `https://${identity.domain}`,
    KEEP_ALIVE_SECONDS: String(times.keepAliveSeconds),
    ...(reached === null ? {} : { REDIS_HOST: reached.host, REDIS_PORT: reached.port }),
    ...(redis === null || redis.user === null ? {} : { REDIS_USER: redis.user }),
    ...(llm === null ? {} : { LLM_BASE_URL: llm.baseUrl, LLM_MODEL: llm.model }),
  };
}
