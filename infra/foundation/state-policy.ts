import { accountPrincipal, onlyRoles, type Statement } from '../aws/policy-document.ts';
import { environmentRoleName, roleArn } from '../stack/role-names.ts';
import type { FoundationSettings } from './settings.ts';

/** The project's name in Pulumi.yaml: part of where its state stands. */
const project = 'lockstep';

/**
 * Where the engine keeps one stack in a bucket (pulumi `pkg/backend/diy`): stacks, backups and history by
 * project and name, locks below `organization`.
 */
function stateKeysOf(environment: string): string[] {
  return [
    `.pulumi/stacks/${project}/${environment}.*`,
    `.pulumi/backups/${project}/${environment}/*`,
    `.pulumi/history/${project}/${environment}/*`,
    `.pulumi/locks/organization/${project}/${environment}/*`,
  ];
}

/** What a role may do with the state of these environments. */
export function stateStatements(
  bucketArn: string,
  environments: readonly string[],
  write: boolean,
): Statement[] {
  const own = environments.flatMap(stateKeysOf).map((key) => `${bucketArn}/${key}`);
  const read: Statement[] = [
    { Sid: 'ListState', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucketArn },
    {
      Sid: 'ReadState',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: [`${bucketArn}/.pulumi/meta.yaml`, `${bucketArn}/.pulumi/Pulumi.yaml`, ...own],
    },
  ];
  if (!write) return read;
  // Locks are deleted; the bucket's versions keep whatever else is.
  const Action = ['s3:PutObject', 's3:DeleteObject'];
  return [...read, { Sid: 'WriteState', Effect: 'Allow', Action, Resource: own }];
}

/** The state bucket's own policy: the roles of other accounts, each with its environment's state alone. */
export function stateBucketStatements(
  bucketArn: string,
  { app, environments }: FoundationSettings,
): Statement[] {
  const grants = Object.entries(environments).flatMap(([name, { account }]) => {
    const role = (each: 'apply' | 'drift') => roleArn(account, environmentRoleName(app, name, each));
    const to = (suffix: string, holder: string, write: boolean): Statement[] =>
      stateStatements(bucketArn, [name], write).map((statement) => ({
        ...statement,
        Sid: `${statement.Sid}${suffix}${name.replaceAll('-', '0')}`,
        Principal: accountPrincipal(account),
        Condition: onlyRoles(holder),
      }));
    return [...to('Apply', role('apply'), true), ...to('Drift', role('drift'), false)];
  });
  return [
    {
      Sid: 'VersionsStay',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:DeleteObjectVersion',
      Resource: `${bucketArn}/*`,
    },
    ...grants,
  ];
}
