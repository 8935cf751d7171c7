import { policy } from '../aws/policy-document.ts';
import { hubNames } from '../stack/naming.ts';
import {
  boundaryArn,
  environmentRoleName,
  environmentRoles,
  hubRoleName,
  hubRoles,
  roleArn,
} from '../stack/role-names.ts';
import { stateArn, storeArn, useKeys } from './role-policies.ts';
import type { FoundationEnvironment, FoundationSettings } from './settings.ts';
import { stateStatements } from './state-policy.ts';

/** Services that the cloud program declares. `apply` may use these, and what it makes may too, at most. */
const services = [
  'acm',
  'application-autoscaling',
  'autoscaling',
  'backup',
  'backup-storage',
  'budgets',
  'cloudwatch',
  'ec2',
  'elasticache',
  'elasticfilesystem',
  'elasticloadbalancing',
  'kms',
  'logs',
  'route53',
  's3',
  'secretsmanager',
  'sns',
  'ssm',
  'ssmmessages',
  'ec2messages',
  'tag',
  'wafv2',
];

/** Besides what the boundary allows: the state of the environment, and roles below the boundary. */
export function applyPolicy(settings: FoundationSettings, name: string): string {
  return policy(
    { Sid: 'Services', Effect: 'Allow', Action: services.map((each) => `${each}:*`), Resource: '*' },
    { Sid: 'Roles', Effect: 'Allow', Action: 'iam:*', Resource: '*' },
    ...stateStatements(stateArn(settings), [name], true),
    useKeys(
      settings,
      'UseStateKey',
      ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      hubNames.stateKeyAlias(),
    ),
  );
}

/**
 * The most that `apply`, and any role that it makes, can ever do: it can't make a role outside this boundary,
 * nor take the boundary off, nor change it, nor make users and keys, nor touch the roles that GitHub takes.
 */
export function boundaryPolicy(
  settings: FoundationSettings,
  name: string,
  at: FoundationEnvironment,
): string {
  const boundary = boundaryArn(at.account, settings.app, name);
  const githubs = githubRolesIn(settings, at.account);
  const buckets = [storeArn(settings), stateArn(settings)];
  return policy(
    { Sid: 'Services', Effect: 'Allow', Action: services.map((each) => `${each}:*`), Resource: '*' },
    {
      Sid: 'Roles',
      Effect: 'Allow',
      Action: [
        'iam:Get*',
        'iam:List*',
        'iam:PassRole',
        'iam:*Role',
        'iam:*RolePolicy',
        'iam:*InstanceProfile',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:TagInstanceProfile',
        'iam:UpdateAssumeRolePolicy',
        'iam:CreateServiceLinkedRole',
      ],
      Resource: '*',
    },
    {
      Sid: 'OnlyBelowTheBoundary',
      Effect: 'Deny',
      Action: [
        'iam:CreateRole',
        'iam:PutRolePermissionsBoundary',
        'iam:AttachRolePolicy',
        'iam:PutRolePolicy',
      ],
      Resource: '*',
      Condition: { StringNotEquals: { 'iam:PermissionsBoundary': boundary } },
    },
    { Sid: 'BoundaryStays', Effect: 'Deny', Action: 'iam:DeleteRolePermissionsBoundary', Resource: '*' },
    { Sid: 'GitHubsRolesStay', Effect: 'Deny', Action: 'iam:*', Resource: githubs },
    // Counts where an environment shares the hub's account.
    {
      Sid: 'HubBucketsStay',
      Effect: 'Deny',
      Action: ['s3:PutBucket*', 's3:DeleteBucket*', 's3:Put*Configuration'],
      Resource: buckets,
    },
    {
      Sid: 'HubKeysStay',
      Effect: 'Deny',
      Action: ['kms:Put*', 'kms:Disable*', 'kms:Schedule*', 'kms:Delete*', 'kms:Update*', 'kms:CreateGrant'],
      Resource: '*',
      Condition: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': hubKeys(settings) } },
    },
  );
}

/** The roles that GitHub takes in an account. */
function githubRolesIn({ app, hub, environments }: FoundationSettings, account: string): string[] {
  const inHub = hub.account === account ? hubRoles.map((role) => hubRoleName(app, role)) : [];
  const inEnvironments = Object.entries(environments)
    .filter(([, each]) => each.account === account)
    .flatMap(([name]) => environmentRoles.map((role) => environmentRoleName(app, name, role)));
  return [...inHub, ...inEnvironments].map((name) => roleArn(account, name));
}

function hubKeys({ app }: FoundationSettings): string[] {
  const all = [hubNames.ordersKeyAlias(app, '*'), hubNames.receiptsKeyAlias(app, '*')];
  return [hubNames.buildKeyAlias(), hubNames.stateKeyAlias(), ...all];
}
