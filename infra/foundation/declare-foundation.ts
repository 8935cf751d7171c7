import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { type LifecycleRule, PrivateBucket } from '../aws/private-bucket.ts';
import { hubNames } from '../stack/naming.ts';
import { environmentRoleName, hubRoleName, roleArn } from '../stack/role-names.ts';
import { EnvironmentAccess } from './environment-access.ts';
import { GithubRole } from './github-role.ts';
import { signingKeyPolicy, stateKeyPolicy } from './key-policy.ts';
import { buildPolicy, previewPolicy } from './role-policies.ts';
import { accountsOf, type FoundationSettings, subjectPrefix } from './settings.ts';
import { SigningKey } from './signing-key.ts';
import { StateKey } from './state-key.ts';
import { stateBucketStatements } from './state-policy.ts';
import { storeStatements } from './store-policy.ts';
import { tokenIssuer } from './trust-policy.ts';

/** The organisation's default role, where an environment names no other. */
const setupRoleName = 'OrganizationAccountAccessRole';

/** Everything of the hub, and of each environment's account what the hub has to have there. */
export function declareFoundation(settings: FoundationSettings): Record<string, pulumi.Input<unknown>> {
  const { app, hub, environments } = settings;
  const tags: Record<string, string> = { 'lockstep:app': app, 'lockstep:project': 'foundation' };
  const providers = new Map(accountsOf(settings).map((account) => [account, providerOf(settings, account)]));
  const within = (account: string): pulumi.ComponentResourceOptions => {
    const provider = providers.get(account);
    return provider === undefined ? {} : { providers: [provider] };
  };
  const inHub = within(hub.account);

  const trusted = new Map<string, pulumi.Resource[]>(
    accountsOf(settings).map((account, position) => {
      if (settings.accountsWithOidcProvider.includes(account)) return [account, []];
      const provider = providers.get(account);
      const made = new aws.iam.OpenIdConnectProvider(
        `github-${position}`,
        {
          url: `https://${tokenIssuer}`,
          clientIdLists: ['sts.amazonaws.com'],
          tags: { ...tags, Name: tokenIssuer },
        },
        provider === undefined ? {} : { provider },
      );
      return [account, [made]];
    }),
  );
  const after = (account: string): pulumi.ComponentResourceOptions => ({
    ...within(account),
    dependsOn: trusted.get(account) ?? [],
  });

  const names = Object.entries(environments);
  const roleOf = (name: string, account: string, role: 'drift' | 'apply' | 'deploy') =>
    roleArn(account, environmentRoleName(app, name, role));
  const preview = roleArn(hub.account, hubRoleName(app, 'preview'));
  const build = roleArn(hub.account, hubRoleName(app, 'build'));
  const accounts = names.map(([, { account }]) => account);

  const stateKey = new StateKey(
    'state-key',
    {
      alias: hubNames.stateKeyAlias(),
      policy: stateKeyPolicy({
        hubAccount: hub.account,
        writers: names.map(([name, { account }]) => roleOf(name, account, 'apply')),
        readers: [preview, ...names.map(([name, { account }]) => roleOf(name, account, 'drift'))],
      }),
      tags,
    },
    inHub,
  );
  const stateBucket = hubNames.stateBucket(hub);
  const state = new PrivateBucket(
    'state',
    {
      name: { bucket: stateBucket },
      statements: (arn) => stateBucketStatements(arn, settings),
      kmsKeyArn: stateKey.arn,
      keeps: 'versions',
      retained: true,
      lifecycle: [
        {
          id: 'old-versions',
          status: 'Enabled',
          filter: { prefix: '' },
          noncurrentVersionExpiration: { noncurrentDays: 365 },
        },
      ],
      tags: { ...tags, Name: stateBucket },
    },
    inHub,
  );
  const storeBucket = hubNames.storeBucket(hub);
  const store = new PrivateBucket(
    'store',
    {
      name: { bucket: storeBucket },
      statements: (arn) => storeStatements(arn, settings),
      // Releases are signed and not secret; hosts of other accounts read them without a grant on a key.
      kmsKeyArn: null,
      keeps: 'locked versions',
      retained: true,
      lifecycle: storeLifecycle,
      tags: { ...tags, Name: storeBucket },
    },
    inHub,
  );

  const key = (name: string, alias: string, description: string, signer: string) =>
    new SigningKey(
      name,
      {
        alias,
        description,
        policy: signingKeyPolicy({ hubAccount: hub.account, signer, readers: accounts }),
        tags,
      },
      inHub,
    );
  key('build-key', hubNames.buildKeyAlias(), 'Signs releases', build);
  for (const [name, { account }] of names) {
    const signer = roleOf(name, account, 'deploy');
    key(`${name}-orders-key`, hubNames.ordersKeyAlias(app, name), `Signs orders of ${name}`, signer);
    key(`${name}-receipts-key`, hubNames.receiptsKeyAlias(app, name), `Signs receipts of ${name}`, signer);
  }

  const subject = subjectPrefix(settings);
  const hubRole = (role: 'preview' | 'build', description: string, run: string, policy: string) =>
    new GithubRole(
      role,
      {
        account: hub.account,
        roleName: hubRoleName(app, role),
        subject: `${subject}:${run}`,
        description,
        policy,
        tags,
      },
      after(hub.account),
    );
  const previews = hubRole('preview', 'Reviews pull requests', 'pull_request', previewPolicy(settings));
  const builds = hubRole('build', 'Builds releases', 'environment:build', buildPolicy(settings));
  const access = names.map(([name, at]) => {
    const made = new EnvironmentAccess(name, { settings, name, at, tags }, after(at.account));
    return [name, { roles: made.roleArns, boundary: made.boundaryArn }] as const;
  });
  return {
    storeBucket: store.bucket,
    stateBucket: state.bucket,
    previewRole: previews.arn,
    buildRole: builds.arn,
    environments: Object.fromEntries(access),
  };
}

/**
 * Nothing of the record expires: its keys are written once. What is swapped leaves versions; answers and
 * probes are talk.
 */
const storeLifecycle: LifecycleRule[] = [
  {
    id: 'swapped',
    status: 'Enabled',
    filter: { prefix: 'apps/' },
    noncurrentVersionExpiration: { noncurrentDays: 30 },
  },
  ...['answers/', 'probes/'].map(
    (prefix): LifecycleRule => ({
      id: prefix.slice(0, -1),
      status: 'Enabled',
      filter: { prefix },
      expiration: { days: 30 },
      noncurrentVersionExpiration: { noncurrentDays: 1 },
    }),
  ),
  {
    id: 'uploads',
    status: 'Enabled',
    filter: { prefix: '' },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  },
];

/** One provider an account, which refuses to work in any other. */
function providerOf({ hub, environments }: FoundationSettings, account: string): aws.Provider {
  const found = Object.entries(environments).find(([, each]) => each.account === account);
  const role = `arn:aws:iam::${account}:role/${setupRoleName}`;
  return new aws.Provider(account === hub.account ? 'hub' : `account-of-${found?.[0] ?? account}`, {
    region: account === hub.account ? hub.region : (found?.[1].region ?? hub.region),
    allowedAccountIds: [account],
    ...((account === hub.account
      ? {}
      : { assumeRoles: [{ roleArn: found?.[1].setupRole ?? role }] }) satisfies Partial<aws.ProviderArgs>),
  });
}
