import { policy, type Statement } from '../aws/policy-document.ts';
import type { Hub } from '../stack/naming.ts';
import { metricNamespace } from './host-metrics.ts';
import { sessionPolicy } from './session-policy.ts';

/** What a host may touch, each by its ARN. Lists may be empty. */
export type HostAccess = {
  storeBucketArn: string;
  /** Of the store, parameters, secrets and logs: what is read or written under them. */
  keyArns: readonly string[];
  /** Aliases in the hub of the keys that orders, receipts and releases are checked with. */
  verifyKeyAliases: readonly string[];
  parameterArns: readonly string[];
  secretArns: readonly string[];
  logGroupArns: readonly string[];
  fileSystem: { arn: string; accessPointArn: string } | null;
};

export type HostPolicyArgs = {
  app: string;
  environment: string;
  account: string;
  region: string;
  hub: Hub;
  groupName: string;
  access: HostAccess;
};

export const policyNames = ['store', 'values', 'group', 'logs', 'sessions'] as const;
export type PolicyName = (typeof policyNames)[number];

/**
 * The inline policies of hosts, by name. A host reads releases, orders and its secrets, writes its
 * attestations and answers, and answers the launch hook of its own group: no tag, order, release or other
 * environment is its to write. Actions on `*` are those that take no resource (Service Authorization
 * Reference).
 */
export function planHostPolicies(args: HostPolicyArgs): Record<PolicyName, string> {
  return {
    store: render(storeStatements(args)),
    values: render(valueStatements(args)),
    group: render(groupStatements(args)),
    logs: render(logStatements(args.access)),
    sessions: sessionPolicy,
  };
}

/** A policy needs a statement, and a statement a resource: where nothing is given, nothing is allowed. */
function render(statements: readonly Statement[]): string {
  return policy(...statements.filter(({ Resource }) => Resource?.length !== 0));
}

function storeStatements({ app, environment, hub, access }: HostPolicyArgs): Statement[] {
  const bucket = access.storeBucketArn;
  const own = `apps/${app}/environments/${environment}`;
  const shared = ['packs', 'releases', 'agents', 'runtimes', 'configs'];
  return [
    allow(
      'Read',
      ['s3:GetObject'],
      [...shared, `apps/${app}`, `answers/${app}/${environment}`].map((prefix) => `${bucket}/${prefix}/*`),
    ),
    // Without it S3 answers 403 for what isn't there, and a host couldn't tell "no order yet" from "not
    // allowed".
    allow('List', ['s3:ListBucket'], [bucket]),
    allow(
      'Attest',
      ['s3:PutObject'],
      [`${bucket}/${own}/hosts/*`, `${bucket}/answers/${app}/${environment}/*`],
    ),
    {
      ...allow('PublicKeys', ['kms:GetPublicKey'], [`arn:aws:kms:${hub.region}:${hub.account}:key/*`]),
      Condition: { StringEquals: { 'kms:RequestAlias': [...access.verifyKeyAliases] } },
    },
  ];
}

function valueStatements({ access }: HostPolicyArgs): Statement[] {
  const { fileSystem } = access;
  const mount = ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'];
  const files: Statement[] =
    fileSystem === null
      ? []
      : [
          {
            ...allow('Files', mount, [fileSystem.arn]),
            Condition: {
              StringEquals: { 'elasticfilesystem:AccessPointArn': fileSystem.accessPointArn },
              Bool: { 'aws:SecureTransport': 'true' },
            },
          },
        ];
  return [
    allow(
      'Parameters',
      ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
      access.parameterArns,
    ),
    allow('Secrets', ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], access.secretArns),
    allow('Keys', ['kms:Decrypt', 'kms:GenerateDataKey'], access.keyArns),
    ...files,
  ];
}

function groupStatements({ account, region, groupName }: HostPolicyArgs): Statement[] {
  // By name: the group needs the role, so that its ARN isn't known yet.
  const group = `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${groupName}`;
  const answers = ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'];
  return [allow('LaunchHook', answers, [group])];
}

function logStatements({ logGroupArns }: HostAccess): Statement[] {
  return [
    allow(
      'Lines',
      ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      logGroupArns.flatMap((arn) => [arn, `${arn}:*`]),
    ),
    {
      ...allow('Metrics', ['cloudwatch:PutMetricData'], ['*']),
      Condition: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
    },
    allow('Dimensions', ['ec2:DescribeTags', 'ec2:DescribeVolumes'], ['*']),
  ];
}

function allow(Sid: string, Action: readonly string[], Resource: readonly string[]): Statement {
  return { Sid, Effect: 'Allow', Action: [...Action], Resource: [...Resource] };
}
