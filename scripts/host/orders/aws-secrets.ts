import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { errored } from '../../domain/errors.ts';
import { jsonIn } from '../../domain/json-text.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';

const run = promisify(execFile);
const patienceMilliseconds = 60_000;
/** A secret has at most 65,536 bytes; as JSON each may take six. */
const longestAnswer = 1024 * 1024;

const answerSchema = z.object({ SecretString: z.string() });

/**
 * The value of a secret in Secrets Manager, or undefined where the name or the version is unknown or retired.
 * Version n is the one that bears the staging label `v<n>`: ids of Secrets Manager are its own, and it
 * deletes what bears no label, so that taking the label away retires a version. All versions of a secret
 * together bear 20 labels at most, AWS's own included (Secrets Manager, "Quotas").
 *
 * By the AWS CLI, which stands on every host (boot.sh needs it as well) and finds the host's role by itself.
 * The value comes over a pipe: it is in no argument, file, or message.
 *
 * @param at path of the environment's secrets, without a slash at its end, and its region
 * @throws LockstepError errored when AWS does not answer or does not allow it.
 */
export async function readAwsSecret(
  at: { path: string; region: string },
  { name, version }: SecretReference,
  options: { environment: Readonly<Record<string, string | undefined>>; signal: AbortSignal },
): Promise<string | undefined> {
  const command = ['secretsmanager', 'get-secret-value', '--region', at.region, '--output', 'json'];
  const which = ['--secret-id', `${at.path}/${name}`, '--version-stage', `v${version}`];
  let answer: string;
  try {
    const { stdout } = await run('aws', [...command, ...which], {
      env: { ...options.environment, AWS_PAGER: '' },
      signal: options.signal,
      timeout: patienceMilliseconds,
      maxBuffer: longestAnswer,
    });
    answer = stdout;
  } catch (error) {
    options.signal.throwIfAborted();
    const words = complaintOf(error);
    if (words.includes('(ResourceNotFoundException)')) return undefined;
    // Without `cause`: what the program printed goes no further.
    throw errored(`secret ${name} version ${version} can't be read: ${words}`, {
      retry: true,
      fix: `Check that the host's role may read ${at.path}/${name} and its key.`,
    });
  }
  const parsed = answerSchema.safeParse(jsonIn(answer));
  if (parsed.success) return parsed.data.SecretString;
  throw errored(`secret ${name} version ${version} is not text`, {
    fix: 'Set it again: lockstep secret set ENV NAME.',
  });
}

/** The line in which the CLI says what went wrong. Never its standard output, where a value might stand. */
function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the aws command failed';
  if ('code' in error && error.code === 'ENOENT') return 'the aws command is not installed on this host';
  const printed = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  const lines = printed.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => line.includes('An error occurred')) ?? lines.at(-1) ?? 'no answer').slice(
    0,
    500,
  );
}
