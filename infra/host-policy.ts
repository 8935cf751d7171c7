import type { Hub } from './naming.ts';

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
  metricNamespace: string;
  fileSystem: { arn: string; accessPointArn: string } | null;
};

type Statement = {
  Sid: string;
  Effect: 'Allow';
  Action: readonly string[];
  Resource: readonly string[];
  Condition?: Record<string, Record<string, string | readonly string[]>>;
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
 * The inline policies of hosts, by name. A host reads releases, orders and its secrets, writes its attestations and
 * answers, and answers the launch hook of its own group: no tag, order, release or other environment is its to write.
 * Actions on `*` are those that take no resource (Service Authorization Reference).
 */
export function planHostPolicies(args: HostPolicyArgs): Record<PolicyName, string> {
  return {
    store: render(storeStatements(args)),
    values: render(valueStatements(args)),
    group: render(groupStatements(args)),
    logs: render(logStatements(args.access)),
    sessions: render(sessionStatements),
  };
}

/** A policy needs a statement, and a statement a resource: where nothing is given, nothing is allowed. */
function render(statements: readonly Statement[]): string {
  const Statement = statements.filter(({ Resource }) => Resource.length > 0);
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function storeStatements({ app, environment, hub, access }: HostPolicyArgs): Statement[] {
  const bucket = access.storeBucketArn;
  const own = `apps/${app}/environments/${environment}`;
  const shared = ['packs', 'releases', 'agents', 'runtimes', 'configs'];
  return [
    allow(
      'Read',
      ['s3:GetObject'],
      [...shared, `apps/${app}`].map((prefix) => `${bucket}/${prefix}/*`),
    ),
    // Without it S3 answers 403 for what isn't there, and a host couldn't tell "no order yet" from "not allowed".
    allow('List', ['s3:ListBucket'], [bucket]),
    allow('Attest', ['s3:PutObject'], [`${bucket}/${own}/hosts/*`, `${bucket}/answers/*`]),
    {
      ...allow('PublicKeys', ['kms:GetPublicKey'], [`arn:aws:kms:${hub.region}:${hub.account}:key/*`]),
      Condition: { StringEquals: { 'kms:RequestAlias': access.verifyKeyAliases } },
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

function logStatements({ logGroupArns, metricNamespace }: HostAccess): Statement[] {
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

/**
 * What the Systems Manager agent needs for commands and sessions: AWS's own AmazonSSMManagedInstanceCore without
 * `ssm:GetParameter` on everything, which would open all secrets of the account.
 */
const sessionStatements: Statement[] = [
  allow(
    'Agent',
    [
      'ssm:UpdateInstanceInformation',
      'ssm:ListAssociations',
      'ssm:ListInstanceAssociations',
      'ssm:DescribeAssociation',
      'ssm:DescribeDocument',
      'ssm:GetDocument',
      'ssm:UpdateAssociationStatus',
      'ssm:UpdateInstanceAssociationStatus',
    ],
    ['*'],
  ),
  allow(
    'Channels',
    [
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    ['*'],
  ),
  allow(
    'Messages',
    [
      'ec2messages:AcknowledgeMessage',
      'ec2messages:DeleteMessage',
      'ec2messages:FailMessage',
      'ec2messages:GetEndpoint',
      'ec2messages:GetMessages',
      'ec2messages:SendReply',
    ],
    ['*'],
  ),
];

function allow(Sid: string, Action: readonly string[], Resource: readonly string[]): Statement {
  return { Sid, Effect: 'Allow', Action, Resource };
}
