import { z } from 'zod';
import { errored, LockstepError, messageOf } from '../../domain/errors.ts';
import { jsonIn } from '../../domain/json-text.ts';
import { roundTrip, type WebAnswer } from './round-trip.ts';

export type AwsCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
};

/** Good credentials at every call. `renew`: AWS has just refused the last ones as expired. */
export type CredentialSource = (renew?: boolean) => Promise<AwsCredentials>;

export type CredentialWorld = {
  environment: Readonly<Record<string, string | undefined>>;
  now?: () => Date;
  signal?: AbortSignal | undefined;
};

/**
 * Instance metadata, version 2 (EC2 user guide, "Use the Instance Metadata Service"); the variable is the
 * SDKs' own.
 */
const metadataEndpoint = 'http://169.254.169.254';
const metadataVariable = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';
const metadataPatienceMilliseconds = 2_000;
const metadataTries = 3;
/** New ones lie ready at least five minutes before the old ones run out. */
const renewBeforeMilliseconds = 5 * 60_000;

const roleSchema = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1),
  Expiration: z.coerce.date(),
});

/**
 * What a host signs with: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN) where they are
 * set, else the role of its instance. The SDK's own chain knows more places, and is larger than the whole
 * agent.
 *
 * @throws LockstepError errored where there are none, with what to do.
 */
export function hostCredentials({
  environment,
  now = () => new Date(),
  signal,
}: CredentialWorld): CredentialSource {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  if (id && secret) {
    const given: AwsCredentials = { accessKeyId: id, secretAccessKey: secret };
    if (token) given.sessionToken = token;
    return async () => given;
  }
  const base = new URL(environment[metadataVariable] ?? metadataEndpoint);
  let held: AwsCredentials | undefined;
  let renewing: Promise<AwsCredentials> | undefined;
  const left = () => (held?.expiration?.getTime() ?? 0) - now().getTime();
  return async (renew = false) => {
    if (held !== undefined && !renew && left() > renewBeforeMilliseconds) return held;
    renewing ??= roleCredentials(base, signal).finally(() => {
      renewing = undefined;
    });
    try {
      held = await renewing;
    } catch (error) {
      // A metadata service that doesn't answer for a moment does no harm while the last ones are good.
      if (held === undefined || renew || left() <= 0) throw error;
    }
    return held;
  };
}

async function roleCredentials(base: URL, signal: AbortSignal | undefined): Promise<AwsCredentials> {
  const path = '/latest/meta-data/iam/security-credentials/';
  const token = textOf(
    await ask(base, '/latest/api/token', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '300' }, signal),
  );
  const headers = { 'x-aws-ec2-metadata-token': token };
  const [role = ''] = textOf(await ask(base, path, 'GET', headers, signal)).split('\n');
  const answer = textOf(await ask(base, path + encodeURIComponent(role), 'GET', headers, signal));
  const parsed = roleSchema.safeParse(jsonIn(answer));
  if (!parsed.success) {
    throw errored(`the instance metadata service has no credentials of the role ${role}`, {
      fix: "See that the role of the instance profile exists and trusts ec2.amazonaws.com; a new instance's role can take a minute.",
      retry: true,
    });
  }
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parsed.data;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiration: Expiration,
  };
}

async function ask(
  base: URL,
  path: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<WebAnswer> {
  let last: unknown;
  for (let tried = 0; tried < metadataTries; tried++) {
    try {
      const answer = await roundTrip(base, path, {
        method,
        headers,
        signal,
        patienceMilliseconds: metadataPatienceMilliseconds,
      });
      if (answer.status === 200) return answer;
      if (answer.status === 404) throw noCredentials('its instance has no role');
      last = new Error(`it answered ${answer.status}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LockstepError) throw error;
      last = error;
    }
  }
  throw noCredentials(`${base.host} gives none: ${messageOf(last)}`, last);
}

function noCredentials(why: string, cause?: unknown): LockstepError {
  return errored(`there are no AWS credentials: neither AWS_ACCESS_KEY_ID is set, nor a role (${why})`, {
    fix: 'On EC2 give the instance a profile; elsewhere set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    retry: true,
    cause,
  });
}

function textOf({ body }: WebAnswer): string {
  return new TextDecoder().decode(body).trim();
}
