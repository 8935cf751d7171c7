import type { Agent } from 'node:http';
import { errored, type LockstepError, messageOf } from '../../domain/errors.ts';
import { jsonIn } from '../../domain/json-text.ts';
import { clientFor } from '../../machine/http-exchange.ts';
import { codeIn, elementIn, hasExpired, mayPass } from '../../store/s3/aws-answer.ts';
import type { CredentialSource } from '../../store/s3/aws-credentials.ts';
import { type Judged, type RetryWorld, sendWithRetries } from '../../store/s3/aws-retries.ts';
import { signedHeaders } from '../../store/s3/aws-signature.ts';
import { roundTrip, type WebAnswer } from '../../store/s3/round-trip.ts';

export type AwsWorld = RetryWorld & {
  credentials: CredentialSource;
  /** AWS_ENDPOINT_URL, or one of a single service: another AWS than AWS's own. */
  environment: Readonly<Record<string, string | undefined>>;
};

export type AwsCall = {
  action: string;
  /** Such as `storing API_KEY`, for errors. */
  doing: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Codes of refusals that the caller understands; others are errors. */
  understood?: readonly string[];
  /** Values within the body, which no error may show. */
  hidden?: readonly string[];
};

/** `code` is empty where the call was carried out. */
export type AwsAnswer = { code: string; body: Uint8Array };

const services = {
  secretsmanager: { endpoint: 'AWS_ENDPOINT_URL_SECRETS_MANAGER', name: 'Secrets Manager' },
  sts: { endpoint: 'AWS_ENDPOINT_URL_STS', name: 'STS' },
  elasticache: { endpoint: 'AWS_ENDPOINT_URL_ELASTICACHE', name: 'ElastiCache' },
} as const;
export type AwsServiceName = keyof typeof services;

const patienceMilliseconds = 30_000;

/**
 * Signed calls of one service in one region. What may pass (throttling, 5xx, a broken line) is sent again as
 * it was: a call that changes something must bear that, by a token of its own or by its nature.
 */
export class AwsService {
  readonly #service: AwsServiceName;
  readonly #region: string;
  readonly #world: AwsWorld;
  readonly #base: URL;
  readonly #agent: Agent;

  constructor(service: AwsServiceName, region: string, world: AwsWorld) {
    this.#service = service;
    this.#region = region;
    this.#world = world;
    const { [services[service].endpoint]: own, AWS_ENDPOINT_URL: ofAll } = world.environment;
    this.#base = new URL(own || ofAll || `https://${service}.${region}.amazonaws.com`);
    this.#agent = new (clientFor(this.#base).Agent)({ keepAlive: true });
  }

  /** The JSON protocol: Secrets Manager. @throws as {@link send} */
  async json(
    call: Omit<AwsCall, 'headers' | 'body'>,
    input: Readonly<Record<string, unknown>>,
  ): Promise<AwsAnswer & { value: unknown }> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${this.#service}.${call.action}`,
    };
    const answer = await this.send({ ...call, headers, body: JSON.stringify(input) });
    return { ...answer, value: jsonIn(answer.body) };
  }

  /** The Query protocol: STS and ElastiCache. The answer is XML. @throws as {@link send} */
  async query(
    call: Omit<AwsCall, 'headers' | 'body'> & { version: string },
    input: Readonly<Record<string, string>>,
  ): Promise<AwsAnswer> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = new URLSearchParams({ Action: call.action, Version: call.version, ...input });
    return await this.send({ ...call, headers, body: body.toString() });
  }

  /**
   * @throws LockstepError errored for a refusal that the caller doesn't understand, and when all tries are
   *   used up.
   */
  async send(call: AwsCall): Promise<AwsAnswer> {
    const { value } = await sendWithRetries(this.#world, {
      send: (renew) => this.#once(call, renew),
      judge: (answer) => this.#judge(answer, call),
      unreachable: (cause) => this.#unreachable(call, cause),
    });
    return value;
  }

  #judge(answer: WebAnswer, call: AwsCall): Judged<AwsAnswer> {
    const { status, body } = answer;
    if (status < 300) return { understood: { code: '', body } };
    const refusal = refusalIn(answer);
    const { code } = refusal;
    if (call.understood?.includes(code) === true) return { understood: { code, body } };
    return { status, code, error: this.#explained(call, status, refusal) };
  }

  async #once(call: AwsCall, renew: boolean): Promise<WebAnswer> {
    const credentials = await this.#world.credentials(renew);
    const body = new TextEncoder().encode(call.body);
    const headers = await signedHeaders(
      { method: 'POST', path: '/', query: {}, headers: { ...call.headers, host: this.#base.host }, body },
      ...([this.#region, credentials, this.#service] as const),
    );
    return await roundTrip(this.#base, '/', {
      method: 'POST',
      headers,
      body,
      agent: this.#agent,
      patienceMilliseconds,
      signal: this.#world.signal,
    });
  }

  #unreachable({ doing }: AwsCall, cause: unknown): LockstepError {
    return errored(`${this.#base.host} can't be reached (${doing}): ${messageOf(cause)}`, {
      fix: 'Check name resolution, the proxy and the way to AWS, then run the command once more.',
      retry: true,
    });
  }

  /** What AWS said comes along, unless it repeats what must not be shown. */
  #explained(call: AwsCall, status: number, { code, message }: Refusal): LockstepError {
    const { action, doing, hidden = [] } = call;
    const shown = hidden.some((value) => message.includes(value)) ? '' : message;
    const details = shown === '' ? [] : [shown];
    const { name } = services[this.#service];
    if (hasExpired(code)) {
      const fix = 'Log in again, then run the command once more.';
      return errored(`AWS credentials have expired (${doing})`, { fix, retry: true });
    }
    if (/^(AccessDenied|UnauthorizedOperation)/.test(code) || status === 403) {
      const fix = `Use credentials of a role that may ${this.#service}:${action} in that account, and use the environment's key.`;
      return errored(`AWS doesn't allow ${doing}: ${code || status}`, { fix, details });
    }
    const retry = mayPass(status, code);
    return errored(`${name} answered ${status} to ${doing}${code === '' ? '' : `: ${code}`}`, {
      fix: retry ? `${name} was busy for all tries: run the command again in a while.` : undefined,
      details,
      retry,
    });
  }
}

type Refusal = { code: string; message: string };

/**
 * JSON services name the kind under `__type`, some with their namespace before it; Query services answer XML.
 */
function refusalIn(answer: WebAnswer): Refusal {
  const value = jsonIn(answer.body);
  if (typeof value !== 'object' || value === null) {
    return { code: codeIn(answer), message: elementIn(answer.body, 'Message') };
  }
  const text = (key: string) => {
    const found: unknown = Reflect.get(value, key);
    return typeof found === 'string' ? found : '';
  };
  return { code: text('__type').replace(/^.*#/, ''), message: text('message') || text('Message') };
}
