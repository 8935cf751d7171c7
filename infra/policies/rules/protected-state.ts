import { type Declared, isGiven, isOn, isUnknown } from '../rule/declared.ts';
import type { ResourceRule } from '../rule/rule.ts';

/** `native`: the input by which AWS itself refuses to delete; it serves as well as Pulumi's own option. */
type Stateful = { holds: string; native?: string; only?: (resource: Declared) => boolean };

const stateful: Readonly<Record<string, Stateful>> = {
  'aws:elasticache/replicationGroup:ReplicationGroup': { holds: 'all sessions' },
  'aws:efs/fileSystem:FileSystem': { holds: 'all shared files' },
  'aws:s3/bucket:Bucket': { holds: 'its objects' },
  'aws:s3/bucketV2:BucketV2': { holds: 'its objects' },
  'aws:kms/key:Key': { holds: 'everything that was encrypted or signed with it' },
  'aws:cloudwatch/logGroup:LogGroup': { holds: 'its log lines' },
  'aws:secretsmanager/secret:Secret': { holds: 'the secret' },
  'aws:route53/zone:Zone': {
    holds: 'its name servers, which the world knows',
    // A private zone holds what the program declares, and nothing else.
    only: ({ props }) => !Array.isArray(props.vpcs) || props.vpcs.length === 0,
  },
  'aws:rds/instance:Instance': { holds: 'the database', native: 'deletionProtection' },
  'aws:rds/cluster:Cluster': { holds: 'the database', native: 'deletionProtection' },
  'aws:docdb/cluster:Cluster': { holds: 'the database', native: 'deletionProtection' },
  'aws:neptune/cluster:Cluster': { holds: 'the database', native: 'deletionProtection' },
  'aws:dynamodb/table:Table': { holds: 'the table', native: 'deletionProtectionEnabled' },
  'aws:opensearch/domain:Domain': { holds: 'the index' },
  'aws:memorydb/cluster:Cluster': { holds: 'the database' },
  'aws:ebs/volume:Volume': { holds: 'the disk' },
  'aws:ecr/repository:Repository': { holds: 'its images' },
  'aws:backup/vault:Vault': { holds: 'its backups' },
};

/**
 * `protect` reaches policies both by resource and by stack. `retainOnDelete` does not, so that it can't stand
 * in for it here: a resource that is kept when it leaves the program is protected as well.
 */
export const protectedState: ResourceRule = {
  name: 'protected-state',
  description:
    'What holds data is protected: a renamed resource or a wrong stack must not be able to delete it.',
  level: 'mandatory',
  judge(resource) {
    const known = stateful[resource.type];
    if (known === undefined || resource.protect || known.only?.(resource) === false) return [];
    if (known.native !== undefined && isOn(resource.props[known.native])) return [];
    const or = known.native === undefined ? '' : ` or ${known.native}: true`;
    return [`holds ${known.holds} and isn't protected. Fix: add the option protect: true${or}`];
  },
};

/** Switches by which AWS deletes what it would else refuse to, or keep. */
export const nothingForced: ResourceRule = {
  name: 'nothing-forced',
  description:
    'Deleting leaves a way back: a final snapshot, a recovery window, a refusal while objects are there. People take protection off, and people make mistakes.',
  level: 'mandatory',
  judge({ type, props }) {
    const found: string[] = [];
    for (const key of ['forceDestroy', 'forceDelete', 'skipFinalSnapshot']) {
      if (props[key] === true) found.push(`${key} is on. Fix: leave it out`);
    }
    if (
      type === 'aws:elasticache/replicationGroup:ReplicationGroup' &&
      !isGiven(props.finalSnapshotIdentifier)
    ) {
      found.push('no final snapshot. Fix: give finalSnapshotIdentifier');
    }
    if (type === 'aws:secretsmanager/secret:Secret' && props.recoveryWindowInDays === 0) {
      found.push('recoveryWindowInDays is 0. Fix: leave it out for 30 days');
    }
    const days = props.deletionWindowInDays;
    if (type === 'aws:kms/key:Key' && isGiven(days) && !isUnknown(days) && Number(days) < 30) {
      found.push(`deletionWindowInDays is ${days}. Fix: 30, which is also the default`);
    }
    return found;
  },
};
