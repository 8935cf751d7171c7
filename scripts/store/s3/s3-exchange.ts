import type { Agent } from 'node:http';
import { errored, type LockstepError, messageOf } from '../../domain/errors.ts';
import { clientFor } from '../../machine/http-exchange.ts';
import { codeIn } from './aws-answer.ts';
import type { CredentialSource } from './aws-credentials.ts';
import { type Judged, type RetryWorld, sendWithRetries } from './aws-retries.ts';
import { signedHeaders } from './aws-signature.ts';
import { roundTrip, type WebAnswer } from './round-trip.ts';
import { explained, type S3Place } from './s3-refusal.ts';

export type S3Request = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Empty: the bucket itself. */
  key: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: Uint8Array;
  /** Statuses that the caller understands; what else comes is an error. */
  expected: readonly number[];
  /** S3 answers 200 to the completion of an upload before it is done, and can still fail in the body. */
  mayFailLate?: boolean;
};

/** `doubtful`: an earlier try of the same request was lost, and may have been carried out. */
export type S3Outcome = { answer: WebAnswer; doubtful: boolean };

export type S3World = RetryWorld & {
  credentials: CredentialSource;
  /** AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL: another S3 than AWS's own, with buckets in the path. */
  environment: Readonly<Record<string, string | undefined>>;
};

const patienceMilliseconds = 30_000;

/** Signed requests to one bucket, tried again where that may help ({@link sendWithRetries}). */
export class S3Exchange {
  readonly place: S3Place;
  readonly #world: S3World;
  readonly #base: URL;
  /** Before each key: empty where the bucket is in the name of the host. */
  readonly #prefix: string;
  readonly #agent: Agent;

  constructor(place: S3Place, world: S3World) {
    this.place = place;
    this.#world = world;
    const { AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: ofAll } = world.environment;
    const endpoint = ofS3 || ofAll || undefined;
    this.#base = new URL(endpoint ?? `https://${place.bucket}.s3.${place.region}.amazonaws.com`);
    this.#prefix = endpoint === undefined ? '/' : `/${place.bucket}/`;
    this.#agent = new (clientFor(this.#base).Agent)({ keepAlive: true });
  }

  /** @throws LockstepError errored for a status that wasn't expected, and when all tries are used up. */
  async send(request: S3Request): Promise<S3Outcome> {
    const doing = `${verbs[request.method]} ${request.key === '' ? 'the list of keys' : request.key}`;
    const { value: answer, doubtful } = await sendWithRetries(this.#world, {
      send: (renew) => this.#once(request, renew),
      judge: (answer) => this.#judge(answer, request, doing),
      unreachable: (cause) => unreachable(this.#base, doing, cause),
    });
    return { answer, doubtful };
  }

  #judge(answer: WebAnswer, { expected, mayFailLate }: S3Request, doing: string): Judged<WebAnswer> {
    const code = answer.status < 300 && mayFailLate !== true ? '' : codeIn(answer);
    const status = answer.status < 300 && code !== '' ? 500 : answer.status;
    if (expected.includes(status) && code !== 'NoSuchBucket') return { understood: answer };
    return { status, code, error: explained({ ...answer, status }, this.place, doing) };
  }

  async #once(request: S3Request, renew: boolean): Promise<WebAnswer> {
    const { method, key, query = {}, body } = request;
    const credentials = await this.#world.credentials(renew);
    const path = this.#prefix + key.split('/').map(percentEncoded).join('/');
    const headers = await signedHeaders(
      { method, path, query, headers: { ...request.headers, host: this.#base.host }, body },
      this.place.region,
      credentials,
    );
    const search = Object.entries(query).map(
      ([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`,
    );
    const target = search.length === 0 ? path : `${path}?${search.join('&')}`;
    return await roundTrip(this.#base, target, {
      method,
      headers,
      body,
      agent: this.#agent,
      patienceMilliseconds,
      signal: this.#world.signal,
    });
  }
}

const verbs = {
  GET: 'reading',
  HEAD: 'reading',
  PUT: 'writing',
  POST: 'writing',
  DELETE: 'deleting',
} as const;

/** As RFC 3986 has it, which signatures go by; `encodeURIComponent` leaves five characters more. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unreachable(base: URL, doing: string, cause: unknown): LockstepError {
  return errored(`${base.host} can't be reached (${doing}): ${messageOf(cause)}`, {
    fix: 'Check the way to S3: name resolution, proxy, the VPC endpoint of a host without NAT.',
    retry: true,
    cause,
  });
}
