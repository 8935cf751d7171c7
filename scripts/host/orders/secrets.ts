import { readFile } from 'node:fs/promises';
import { errored } from '../../domain/errors.ts';
import { jsonIn } from '../../domain/json-text.ts';
import type { HostProvisioning } from '../../domain/order/host-protocol.ts';
import { type SecretFile, secretFileSchema, secretValue } from '../../domain/secrets/secret-file.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';
import type { Host } from '../place/host.ts';
import { readAwsSecret } from './aws-secrets.ts';

type SecretsHost = Pick<HostProvisioning, 'secrets'> & Pick<Host, 'environment' | 'signal'>;

/**
 * Resolves references to values. `missing`: `NAME version N`, unknown or retired. Values never leave the
 * host's 0600 files.
 */
export async function readSecrets(
  host: SecretsHost,
  references: readonly SecretReference[],
): Promise<{ values: Record<string, string>; missing: string[] }> {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  if (references.length === 0) return { values, missing };
  const lookUp = await openSecrets(host);
  for (const reference of references) {
    // One after the other: each run of the AWS CLI takes as much memory as the agent.
    const value = await lookUp(reference);
    if (value === undefined) missing.push(`${reference.name} version ${reference.version}`);
    else values[reference.name] = value;
  }
  return { values, missing };
}

async function openSecrets(
  host: SecretsHost,
): Promise<(reference: SecretReference) => Promise<string | undefined>> {
  const { secrets } = host;
  if (secrets.kind === 'aws') return (reference) => readAwsSecret(secrets, reference, host);
  const file = await readSecretFile(secrets.path);
  return async (reference) => secretValue(file, reference);
}

async function readSecretFile(path: string): Promise<SecretFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  const parsed = secretFileSchema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  // What is wrong with the file must not be shown: the message would quote its content.
  throw errored(`the file of secrets ${path} can't be read`, {
    fix: 'Set the secrets again: lockstep secret set ENV NAME.',
  });
}
