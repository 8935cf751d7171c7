import type * as pulumi from '@pulumi/pulumi';
import type { Redis } from '../redis/redis.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';

/** Where a model answers. `baseUrl` ends in `/v1`, as OpenAI's clients want it. */
export type ModelEndpoint = { baseUrl: string; model: string };

type BindingName =
  | 'PUBLIC_URL'
  | 'KEEP_ALIVE_SECONDS'
  | 'REDIS_HOST'
  | 'REDIS_PORT'
  | 'REDIS_USER'
  | 'LLM_BASE_URL'
  | 'LLM_MODEL';
export type Bindings = Partial<Record<BindingName, pulumi.Input<string>>>;

/** Where the tunnel of the boot contract answers. */
export const tunnel = { host: '127.0.0.1', port: '6379' };

/**
 * What infrastructure gives the app, under the same names in every environment (design: "Bindings").
 * `REDIS_URL` is composed on the host, which alone knows the password; `SHARED_DIR` and the URLs of services
 * are added there too.
 */
export function bindingsOf({
  stack,
  settings,
  times,
  redis,
  llm,
}: {
  stack: Stack;
  settings: Pick<SharedSettings, 'redis'>;
  times: Pick<Times, 'keepAliveSeconds'>;
  redis: Pick<Redis, 'host' | 'port' | 'userName'> | null;
  llm: { endpoint: ModelEndpoint | null };
}): Bindings {
  const bindings: Bindings = {
    PUBLIC_URL: `https://${stack.identity.domain}`,
    KEEP_ALIVE_SECONDS: String(times.keepAliveSeconds),
  };
  if (redis !== null) {
    const reached = settings.redis.tunnel ? tunnel : { host: redis.host, port: redis.port.apply(String) };
    bindings.REDIS_HOST = reached.host;
    bindings.REDIS_PORT = reached.port;
    // Null for a Redis that exists already: its owner knows its users.
    if (redis.userName !== null) bindings.REDIS_USER = redis.userName;
  }
  if (llm.endpoint !== null) {
    bindings.LLM_BASE_URL = llm.endpoint.baseUrl;
    bindings.LLM_MODEL = llm.endpoint.model;
  }
  return bindings;
}
