import { type PreviewStep, typeAndName } from './preview.ts';

/** From harmless to harmful; a step gets the worst class that applies. */
export const changeClasses = ['safe', 'restart', 'replacement', 'data loss', 'exposure'] as const;
export type ChangeClass = (typeof changeClasses)[number];

export type ClassifiedChange = {
  class: ChangeClass;
  type: string;
  name: string;
  op: string;
  /** In words, for a reviewer who doesn't know the resource. */
  reasons: readonly string[];
};

type Verdict = { class: ChangeClass; reason: string };
type Inputs = Readonly<Record<string, unknown>>;

/** What is lost when one of these is deleted; the sources are the docstrings of `infra/components`. */
const stateful: Readonly<Record<string, string>> = {
  'aws:elasticache/replicationGroup:ReplicationGroup': 'all sessions (a final snapshot is taken)',
  'aws:efs/fileSystem:FileSystem': 'all shared files except backups',
  'aws:s3/bucket:Bucket': 'the objects in it',
  'aws:s3/bucketV2:BucketV2': 'the objects in it',
  'aws:kms/key:Key': 'everything that was encrypted with it, after 30 days',
  'aws:cloudwatch/logGroup:LogGroup': 'its log lines',
  'aws:secretsmanager/secret:Secret': 'the secret, after 30 days',
  'aws:route53/zone:Zone': 'its records, and its name servers change',
};

/** Inputs whose change interrupts what runs, without anything being replaced. */
const restarting: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'aws:elasticache/replicationGroup:ReplicationGroup': {
    nodeType: 'nodes are replaced: a failover where there are two, an outage where there is one',
    engineVersion: 'the engine is upgraded node by node: a failover, or an outage with one node',
    engine: 'the engine is replaced node by node: a failover, or an outage with one node',
    parameterGroupName: 'some parameters need a reboot of the nodes',
    numCacheClusters: 'a node joins or leaves; its connections break',
  },
  'aws:ec2/launchTemplate:LaunchTemplate': {
    '*': 'a new version: hosts run it once an instance refresh, started by hand, has replaced them',
  },
  'aws:lb/listener:Listener': { port: 'connections to the old port end' },
};

type Guard = { input: string; lost: (value: unknown) => boolean; words: string };

/** Inputs that protect data in transit and at rest, and the values that no longer do. */
const guards: readonly Guard[] = [
  ...['encrypted', 'atRestEncryptionEnabled', 'transitEncryptionEnabled', 'storageEncrypted'].map(
    (input): Guard => ({
      input,
      lost: (value) => value !== true && value !== 'true',
      words: `${input} is off: what was encrypted no longer is`,
    }),
  ),
  ...['enableDeletionProtection', 'deletionProtection'].map(
    (input): Guard => ({
      input,
      lost: (value) => value !== true,
      words: `${input} is off: one call deletes it`,
    }),
  ),
  ...['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'].map(
    (input): Guard => ({
      input,
      lost: (value) => value !== true,
      words: `${input} is off: a policy could open the bucket to everyone`,
    }),
  ),
  {
    input: 'kmsKeyId',
    lost: (value) => value == null || value === '',
    words: 'no longer encrypted with its own key',
  },
  { input: 'enableKeyRotation', lost: (value) => value !== true, words: 'the key is no longer rotated' },
  {
    input: 'transitEncryptionMode',
    lost: (value) => value !== 'required',
    words: 'connections without TLS are accepted',
  },
];

/** Resources whose removal exposes something. */
const guardians: Readonly<Record<string, string>> = {
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': 'the block of public access is removed',
  'aws:s3/bucketPolicy:BucketPolicy': "the bucket's policy is removed, which also enforces TLS",
  'aws:efs/fileSystemPolicy:FileSystemPolicy':
    'the file system can be mounted without TLS and without an access point',
  'aws:wafv2/webAclAssociation:WebAclAssociation': 'requests are no longer filtered by the web ACL',
};

/** Steps that change nothing by themselves. */
const idle = new Set(['same', 'read', 'refresh', 'discard', 'import', 'read-discard']);

/**
 * Judges each step of a preview by its worst effect. Pure: the same preview gives the same words.
 *
 * @returns the harmful first; steps that change nothing are left out.
 */
export function classifyChange(steps: readonly PreviewStep[]): ClassifiedChange[] {
  return steps
    .filter(({ op, urn }) => !idle.has(op) && !typeAndName(urn).type.startsWith('pulumi:'))
    .map(classifyStep)
    .sort((left, right) => rank(right.class) - rank(left.class) || (left.name < right.name ? -1 : 1));
}

function classifyStep(step: PreviewStep): ClassifiedChange {
  const { type, name } = typeAndName(step.urn);
  const verdicts = [...judgeLife(step, type), ...judgeExposure(step, type), ...judgeRestart(step, type)];
  const worst = verdicts.reduce<ChangeClass>(
    (worstSoFar, { class: next }) => (rank(next) > rank(worstSoFar) ? next : worstSoFar),
    'safe',
  );
  const reasons = verdicts.filter((verdict) => verdict.class !== 'safe').map(({ reason }) => reason);
  return { class: worst, type, name, op: step.op, reasons: reasons.length > 0 ? reasons : [harmless(step)] };
}

function rank(value: ChangeClass): number {
  return changeClasses.indexOf(value);
}

function harmless({ op, diffReasons }: PreviewStep): string {
  if (op === 'create') return 'a new resource';
  if (op === 'delete') return 'holds no data, and nothing else in the preview needs it';
  return `changes in place: ${(diffReasons ?? []).join(', ') || op}`;
}

function judgeLife({ op, oldState, replaceReasons }: PreviewStep, type: string): Verdict[] {
  const replaced = op === 'replace' || op === 'create-replacement' || op === 'delete-replaced';
  if (!replaced && op !== 'delete') return [];
  const why = replaced && replaceReasons?.length ? ` because of ${replaceReasons.join(', ')}` : '';
  const lost = stateful[type];
  const held = oldState?.protect === true ? '; it is protected, so the update stops there' : '';
  if (lost !== undefined) {
    return [
      { class: 'data loss', reason: `${replaced ? 'replaced' : 'deleted'}${why}: this loses ${lost}${held}` },
    ];
  }
  return replaced
    ? [{ class: 'replacement', reason: `replaced${why}: its id and address change${held}` }]
    : [];
}

function judgeExposure(step: PreviewStep, type: string): Verdict[] {
  const exposure = (reason: string): Verdict => ({ class: 'exposure', reason });
  const before: Inputs = step.oldState?.inputs ?? {};
  const after: Inputs = step.newState?.inputs ?? {};
  if (step.op === 'delete') {
    const opened = guardians[type];
    return opened === undefined ? [] : [exposure(opened)];
  }
  const unguarded = guards
    .filter(({ input, lost }) => Object.hasOwn(before, input) && !lost(before[input]) && lost(after[input]))
    .map(({ words }) => exposure(words));
  const unprotected = step.oldState?.protect === true && step.newState != null && !step.newState.protect;
  return [
    ...unguarded,
    ...(unprotected ? [exposure('no longer protected: the next update may delete it')] : []),
    ...judgeOpening(type, before, after).map(exposure),
  ];
}

const world = new Set(['0.0.0.0/0', '::/0']);

/** Rules and listeners that let more in than before. */
function judgeOpening(type: string, before: Inputs, after: Inputs): string[] {
  if (type === 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule') {
    const open = (inputs: Inputs) => world.has(String(inputs.cidrIpv4 ?? inputs.cidrIpv6 ?? ''));
    const ports = ({ ipProtocol, fromPort, toPort }: Inputs) =>
      ipProtocol === '-1'
        ? 'every port'
        : fromPort === toPort
          ? `port ${fromPort}`
          : `ports ${fromPort} to ${toPort}`;
    const same = open(before) && ports(before) === ports(after);
    return open(after) && !same ? [`${ports(after)} opens to the whole internet`] : [];
  }
  if (type === 'aws:lb/listener:Listener') {
    const plain = after.protocol === 'HTTP' && before.protocol === 'HTTPS';
    return plain ? ['the listener no longer uses TLS'] : [];
  }
  return [];
}

function judgeRestart({ op, diffReasons }: PreviewStep, type: string): Verdict[] {
  const known = restarting[type];
  if (op !== 'update' || known === undefined) return [];
  return (diffReasons ?? []).flatMap((input): Verdict[] => {
    const reason = known[input] ?? known['*'];
    return reason === undefined || input === 'tags'
      ? []
      : [{ class: 'restart', reason: `${input}: ${reason}` }];
  });
}
