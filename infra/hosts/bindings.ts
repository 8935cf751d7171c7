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

type Bindings<Text> = Partial<
  Record<
    | 'PUBLIC_URL'
    | 'KEEP_ALIVE_SECONDS'
    | 'REDIS_HOST'
    | 'REDIS_PORT'
    | 'REDIS_USER'
    | 'LLM_BASE_URL'
    | 'LLM_MODEL',
    string | Text
  >
>;

/**
 * What infrastructure gives the app, under the same names in every environment (design: "Bindings"). `REDIS_URL` is
 * composed on the host, which alone knows the password; `SHARED_DIR` and the URLs of services are added there too.
 */
export function bindingsOf<Text>(
  settings: SharedSettings,
  identity: Pick<StackIdentity, 'domain'>,
  times: Pick<Times, 'keepAliveSeconds'>,
  { redis, llm }: Made<Text>,
): Bindings<Text> {
  const bindings: Bindings<Text> = {
    PUBLIC_URL: `https://${identity.domain}`,
    KEEP_ALIVE_SECONDS: String(times.keepAliveSeconds),
  };
  if (redis !== null) {
    const reached = settings.redis.tunnel ? tunnel : redis;
    bindings.REDIS_HOST = reached.host;
    bindings.REDIS_PORT = reached.port;
    if (redis.user !== null) bindings.REDIS_USER = redis.user;
  }
  if (llm !== null) {
    bindings.LLM_BASE_URL = llm.baseUrl;
    bindings.LLM_MODEL = llm.model;
  }
  return bindings;
}
