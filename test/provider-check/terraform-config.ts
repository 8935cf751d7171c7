import type { TerraformProvider, TerraformResource } from './translate.ts';

/** One file of Terraform's JSON, as a value. */
export type TerraformConfig = Readonly<Record<string, unknown>>;

/** Resources, by type and name, as Terraform reads them. */
export function renderResources(resources: readonly TerraformResource[]): TerraformConfig {
  const types = Map.groupBy(resources, ({ type }) => type);
  const resource = [...types].map(([type, same]) => [
    type,
    Object.fromEntries(same.map((each) => [each.name, renderBody(each)])),
  ]);
  return { resource: Object.fromEntries(resource) };
}

/** What Terraform itself reads in every resource. */
type MetaArguments = {
  provider?: string;
  lifecycle?: { ignore_changes: readonly string[] | 'all' };
  depends_on?: readonly string[];
};

function renderBody({ body, provider, ignoreChanges, dependsOn }: TerraformResource): object {
  const ignored = ignoreChanges.includes('*') ? 'all' : ignoreChanges;
  return {
    ...body,
    ...((provider === null ? {} : { provider: `aws.${provider}` }) satisfies MetaArguments),
    ...((ignoreChanges.length === 0
      ? {}
      : { lifecycle: { ignore_changes: ignored } }) satisfies MetaArguments),
    ...((dependsOn.length === 0 ? {} : { depends_on: dependsOn }) satisfies MetaArguments),
  };
}

/**
 * The providers as they were declared (the account that they allow, the role that they take), told to talk to
 * an emulator whose credentials say the account. Where it listens is said by AWS_ENDPOINT_URL.
 */
export function renderProviders(providers: readonly TerraformProvider[]): TerraformConfig {
  const emulated = providers.map(({ alias, body }) => ({
    ...body,
    alias,
    access_key: String((body.allowed_account_ids as readonly unknown[] | undefined)?.[0] ?? '000000000000'),
    secret_key: 'emulator',
    skip_metadata_api_check: true,
    s3_use_path_style: true,
  }));
  return {
    terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: providerVersion } } },
    provider: { aws: emulated },
  };
}

/** What the exceptions are written for: the newest of the version before the one under @pulumi/aws 7. */
export const providerVersion = '5.100.0';
