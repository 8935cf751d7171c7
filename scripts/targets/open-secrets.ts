import type { Settings } from '../../infra/settings/config.ts';
import type { AwsSecrets } from '../adapters/aws/aws-secrets.ts';
import type { AwsWorld } from '../adapters/aws/aws-service.ts';
import { FileSecrets } from '../adapters/local/secret-file.ts';
import { checkEnvironment, loadSettings } from '../adapters/settings/settings-files.ts';
import type { Context } from '../console/command.ts';

export type AwsEnvironment = { settings: Settings; secrets: AwsSecrets; world: AwsWorld };

/** Where the secrets of an environment are kept. AWS is not asked before the first use. */
export async function openSecrets(context: Context, environment: string): Promise<FileSecrets | AwsSecrets> {
  const { project, target } = context.options;
  if (target === 'aws') return (await openAwsSecrets(context, environment)).secrets;
  await checkEnvironment(project, environment);
  return new FileSecrets(project);
}

/** For whoever is logged in, in the account and region of the environment's identity. */
export async function openAwsSecrets(
  { options, environment: variables, signal, reporter }: Context,
  environment: string,
): Promise<AwsEnvironment> {
  // Lenient: a listed difference past its date is no reason to keep a leaked password in use.
  const settings = await loadSettings(options.project, environment, new Date(), { lenient: true });
  // Only this target pays for loading the AWS SDK.
  const { AwsSecrets } = await import('../adapters/aws/aws-secrets.ts');
  const { loginCredentials } = await import('../adapters/aws/login-credentials.ts');
  const world: AwsWorld = { environment: variables, signal, credentials: loginCredentials() };
  const { account, region } = settings.identity;
  const { name: app, secrets: declared } = settings.app;
  const warn = (text: string) => reporter.warn(text);
  const place = { app, environment, account, region, declared };
  return { settings, world, secrets: new AwsSecrets(async () => place, { ...world, warn }) };
}
