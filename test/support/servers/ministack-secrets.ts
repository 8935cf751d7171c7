import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  AwsSecrets,
  type SecretPlace,
  type SecretsWorld,
} from '../../../scripts/adapters/aws/aws-secrets.ts';
import { readSecrets } from '../../../scripts/host/orders/secrets.ts';
import { hostCredentials } from '../../../scripts/store/s3/aws-credentials.ts';
import type { SecretWorld } from '../contracts/secret-store-contract.ts';
import { emulatedAws } from './ministack-bucket.ts';

let made = 0;

/**
 * In the place of the AWS CLI, which is on hosts only: asks the emulator what
 * `aws secretsmanager get-secret-value` would, by the arguments that the agent gives, and complains as the
 * CLI does.
 */
const cli = (endpoint: string) => `#!/bin/sh
for each; do
  case $before in --secret-id) id=$each;; --version-stage) stage=$each;; --region) region=$each;; esac
  before=$each
done
answer=$(curl -sS '${endpoint}/' -H 'content-type: application/x-amz-json-1.1' \\
  -H 'x-amz-target: secretsmanager.GetSecretValue' \\
  -H "authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260101/$region/secretsmanager/aws4_request, SignedHeaders=host, Signature=0" \\
  -d "{\\"SecretId\\": \\"$id\\", \\"VersionStage\\": \\"$stage\\"}")
case $answer in
  *ResourceNotFoundException*)
    printf '\\nAn error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: no such\\n' >&2
    exit 254 ;;
esac
printf '%s' "$answer"
`;

export type EmulatedSecrets = Omit<SecretWorld, 'open'> & {
  open: (world?: Partial<SecretsWorld>) => AwsSecrets;
  place: SecretPlace;
  environment: Record<string, string>;
};

/** Secrets of an app of their own in the emulator at `endpoint`, and the host that reads them. */
export async function emulatedSecrets(endpoint: string): Promise<EmulatedSecrets> {
  made += 1;
  const place: SecretPlace = {
    app: `sample-${process.pid}-${made}`,
    environment: 'staging',
    account: '111122223333',
    region: 'eu-central-1',
    declared: ['KEY', 'B_KEY', 'A_KEY'],
  };
  const environment = emulatedAws(endpoint);
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-aws-cli-'));
  await writeFile(path.join(directory, 'aws'), cli(endpoint));
  await chmod(path.join(directory, 'aws'), 0o755);
  const credentials = hostCredentials({ environment });
  const host = {
    secrets: { kind: 'aws', path: `/lockstep/${place.app}/staging/secrets`, region: place.region } as const,
    environment: { PATH: `${directory}:${process.env.PATH}` },
    signal: new AbortController().signal,
  };
  return {
    place,
    environment,
    open: (world = {}) => new AwsSecrets(async () => place, { credentials, environment, ...world }),
    read: async (...references) => (await readSecrets(host, references)).values,
    remove: () => rm(directory, { recursive: true }),
  };
}
