import { policy, type Statement } from '../aws/policy-document.ts';
import { hubNames } from '../stack/naming.ts';
import type { FoundationEnvironment, FoundationSettings } from './settings.ts';
import { stateStatements } from './state-policy.ts';

/** What each of GitHub's roles may do. Plain data, so that a test can ask what is in it. */

export const storeArn = (settings: FoundationSettings) =>
  `arn:aws:s3:::${hubNames.storeBucket(settings.hub)}`;
export const stateArn = (settings: FoundationSettings) =>
  `arn:aws:s3:::${hubNames.stateBucket(settings.hub)}`;

/** A key by its alias: key ids are known only after they exist. The keys' own policies name the roles. */
export function useKeys(
  { hub }: FoundationSettings,
  sid: string,
  actions: string[],
  ...aliases: string[]
): Statement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: `arn:aws:kms:${hub.region}:${hub.account}:key/*`,
    Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliases } },
  };
}

/**
 * Reviews of pull requests: anybody's code may run there, so it reads the state and decrypts it, and nothing
 * else.
 */
export function previewPolicy(settings: FoundationSettings): string {
  return policy(
    ...stateStatements(stateArn(settings), Object.keys(settings.environments), false),
    useKeys(settings, 'DecryptState', ['kms:Decrypt', 'kms:DescribeKey'], hubNames.stateKeyAlias()),
  );
}

/** Builds: writes what is written once, and signs releases. */
export function buildPolicy(settings: FoundationSettings): string {
  const store = storeArn(settings);
  const keys = ['packs/*', 'releases/*', 'agents/*', 'runtimes/*', `apps/${settings.app}/tags/*`];
  const objects = [...keys, 'probes/*'].map((key) => `${store}/${key}`);
  return policy(
    { Sid: 'ListStore', Effect: 'Allow', Action: 's3:ListBucket', Resource: store },
    {
      Sid: 'WriteStore',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:PutObjectRetention', 's3:AbortMultipartUpload'],
      Resource: objects,
    },
    { Sid: 'Probe', Effect: 'Allow', Action: 's3:DeleteObject', Resource: `${store}/probes/*` },
    useKeys(
      settings,
      'SignReleases',
      ['kms:Sign', 'kms:GetPublicKey', 'kms:DescribeKey'],
      hubNames.buildKeyAlias(),
    ),
  );
}

/** Besides AWS's ReadOnlyAccess: the state of the environment. */
export function driftPolicy(settings: FoundationSettings, name: string): string {
  return policy(
    ...stateStatements(stateArn(settings), [name], false),
    useKeys(settings, 'DecryptState', ['kms:Decrypt', 'kms:DescribeKey'], hubNames.stateKeyAlias()),
    // Reading what is there needs no reading of what is in it.
    {
      Sid: 'NoContents',
      Effect: 'Deny',
      Action: [
        'secretsmanager:GetSecretValue',
        'ssm:GetParameter*',
        'logs:GetLogEvents',
        'logs:FilterLogEvents',
      ],
      Resource: '*',
    },
  );
}

/** Rolls releases out: orders and receipts, the balancer, Run Command on the environment's own hosts. */
export function deployPolicy(settings: FoundationSettings, name: string, at: FoundationEnvironment): string {
  const { app } = settings;
  const store = storeArn(settings);
  const own = `apps/${app}/environments/${name}`;
  const here = `${at.region}:${at.account}`;
  const tagged = {
    StringEquals: { 'aws:ResourceTag/lockstep:app': app, 'aws:ResourceTag/lockstep:environment': name },
  };
  return policy(
    { Sid: 'ListStore', Effect: 'Allow', Action: 's3:ListBucket', Resource: store },
    {
      Sid: 'ReadStore',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: [
        'packs/*',
        'releases/*',
        'agents/*',
        'configs/*',
        `answers/${app}/${name}/*`,
        `apps/${app}/*`,
      ].map((key) => `${store}/${key}`),
    },
    {
      Sid: 'WriteStore',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:PutObjectRetention', 's3:GetObject'],
      Resource: [`${store}/${own}/*`, `${store}/configs/*`, `${store}/probes/*`],
    },
    { Sid: 'Probe', Effect: 'Allow', Action: 's3:DeleteObject', Resource: `${store}/probes/*` },
    useKeys(
      settings,
      'SignOrders',
      ['kms:Sign', 'kms:GetPublicKey', 'kms:DescribeKey'],
      hubNames.ordersKeyAlias(app, name),
      hubNames.receiptsKeyAlias(app, name),
    ),
    {
      Sid: 'Look',
      Effect: 'Allow',
      Action: [
        'autoscaling:Describe*',
        'ec2:DescribeInstances',
        'ec2:DescribeLaunchTemplateVersions',
        'elasticloadbalancing:Describe*',
        'ssm:DescribeInstanceInformation',
        'ssm:GetCommandInvocation',
        'ssm:ListCommandInvocations',
      ],
      Resource: '*',
    },
    {
      Sid: 'RunAgent',
      Effect: 'Allow',
      Action: 'ssm:SendCommand',
      Resource: `arn:aws:ec2:${here}:instance/*`,
      Condition: tagged,
    },
    {
      Sid: 'RunDocument',
      Effect: 'Allow',
      Action: 'ssm:SendCommand',
      Resource: `arn:aws:ssm:${at.region}::document/AWS-RunShellScript`,
    },
    {
      Sid: 'Rotate',
      Effect: 'Allow',
      Action: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
      Resource: `arn:aws:elasticloadbalancing:${here}:targetgroup/*`,
      Condition: tagged,
    },
    {
      Sid: 'Roll',
      Effect: 'Allow',
      Action: [
        'autoscaling:SuspendProcesses',
        'autoscaling:ResumeProcesses',
        'autoscaling:StartInstanceRefresh',
        'autoscaling:CancelInstanceRefresh',
        'autoscaling:RollbackInstanceRefresh',
        'autoscaling:EnterStandby',
        'autoscaling:ExitStandby',
      ],
      Resource: `arn:aws:autoscaling:${here}:autoScalingGroup:*:autoScalingGroupName/*`,
      Condition: tagged,
    },
    {
      Sid: 'SecretNames',
      Effect: 'Allow',
      Action: ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'],
      Resource: `arn:aws:secretsmanager:${here}:secret:/lockstep/${app}/${name}/*`,
    },
  );
}
