import { readFile } from 'node:fs/promises';
import { errored } from '../domain/errors.ts';
import type { HostProvisioning } from '../domain/host-protocol.ts';
import type { SecretReference } from '../domain/order.ts';
import { type SecretFile, secretFileSchema, secretValue } from '../domain/secret-file.ts';

/** Resolves references to values. `missing`: `NAME version N`, unknown or retired. Values never leave the host's 0600 files. */
export async function readSecrets(
  { secrets }: Pick<HostProvisioning, 'secrets'>,
  references: readonly SecretReference[],
): Promise<{ values: Record<string, string>; missing: string[] }> {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  if (references.length === 0) return { values, missing };
  if (secrets.kind !== 'file') {
    throw errored(`this agent can't read secrets of ${secrets.kind} yet (${secrets.path})`, {
      fix: "Take the secrets out of the app's manifest, or run it on the local target.",
    });
  }
  const file = await readSecretFile(secrets.path);
  for (const reference of references) {
    const value = secretValue(file, reference);
    if (value === undefined) missing.push(`${reference.name} version ${reference.version}`);
    else values[reference.name] = value;
  }
  return { values, missing };
}

async function readSecretFile(path: string): Promise<SecretFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  // What is wrong with the file must not be shown: the message would quote its content.
  try {
    return secretFileSchema.parse(JSON.parse(text));
  } catch {
    throw errored(`the file of secrets ${path} can't be read`, {
      fix: 'Set the secrets anew: lockstep secret set ENV NAME.',
    });
  }
}
