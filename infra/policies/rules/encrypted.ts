import { blockAt, blocksAt, isGiven, isOn, isOneOf, type Props } from '../rule/declared.ts';
import type { ResourceRule } from '../rule/rule.ts';

type Judge = (props: Props) => readonly (string | null)[];

const on = (props: Props, key: string, where = '') =>
  isOn(props[key]) ? null : `${where}${key} is off. Fix: ${key}: true`;

const ownKey = (props: Props, key: string) =>
  isGiven(props[key]) ? null : `${key} is missing. Fix: give it the ARN of the environment's key`;

/**
 * What can be encrypted, by type. S3 is judged as a stack: there encryption is a resource beside the bucket.
 */
const encryption: Readonly<Record<string, Judge>> = {
  'aws:efs/fileSystem:FileSystem': (props) => [on(props, 'encrypted'), ownKey(props, 'kmsKeyId')],
  'aws:elasticache/replicationGroup:ReplicationGroup': (props) => [
    on(props, 'atRestEncryptionEnabled'),
    on(props, 'transitEncryptionEnabled'),
    ownKey(props, 'kmsKeyId'),
    props.transitEncryptionMode === undefined || isOneOf(props.transitEncryptionMode, ['required'])
      ? null
      : `transitEncryptionMode ${props.transitEncryptionMode} lets clients speak without TLS. Fix: required`,
  ],
  'aws:elasticache/cluster:Cluster': (props) => [on(props, 'transitEncryptionEnabled')],
  'aws:cloudwatch/logGroup:LogGroup': (props) => [ownKey(props, 'kmsKeyId')],
  'aws:sns/topic:Topic': (props) => [ownKey(props, 'kmsMasterKeyId')],
  'aws:sqs/queue:Queue': (props) =>
    props.sqsManagedSseEnabled === true ? [] : [ownKey(props, 'kmsMasterKeyId')],
  'aws:secretsmanager/secret:Secret': (props) => [ownKey(props, 'kmsKeyId')],
  'aws:kms/key:Key': (props) => [rotation(props)],
  'aws:rds/instance:Instance': (props) => [on(props, 'storageEncrypted')],
  'aws:rds/cluster:Cluster': (props) => [on(props, 'storageEncrypted')],
  'aws:docdb/cluster:Cluster': (props) => [on(props, 'storageEncrypted')],
  'aws:neptune/cluster:Cluster': (props) => [on(props, 'storageEncrypted')],
  'aws:memorydb/cluster:Cluster': (props) => [ownKey(props, 'kmsKeyArn')],
  'aws:dynamodb/table:Table': (props) => [
    on(blockAt(props, 'serverSideEncryption'), 'enabled', 'serverSideEncryption.'),
  ],
  'aws:opensearch/domain:Domain': (props) => [
    on(blockAt(props, 'encryptAtRest'), 'enabled', 'encryptAtRest.'),
    on(blockAt(props, 'nodeToNodeEncryption'), 'enabled', 'nodeToNodeEncryption.'),
  ],
  'aws:ebs/volume:Volume': (props) => [on(props, 'encrypted')],
  'aws:ebs/snapshotCopy:SnapshotCopy': (props) => [on(props, 'encrypted')],
  'aws:ec2/instance:Instance': (props) => [
    on(blockAt(props, 'rootBlockDevice'), 'encrypted', 'rootBlockDevice.'),
    ...blocksAt(props, 'ebsBlockDevices').map((disk, index) =>
      on(disk, 'encrypted', `ebsBlockDevices[${index}].`),
    ),
  ],
  'aws:ec2/launchTemplate:LaunchTemplate': (props) => disksOf(props),
};

export const encrypted: ResourceRule = {
  name: 'encrypted',
  description:
    'Everything that can be encrypted is, at rest and in transit, with a key of the environment where the service takes one: access to all data can then be revoked in one place.',
  level: 'mandatory',
  judge: ({ type, props }) => (encryption[type]?.(props) ?? []).filter((found) => found !== null),
};

/** A template that names no disk takes the image's own, and Amazon's images are not encrypted. */
function disksOf(props: Props): readonly (string | null)[] {
  const disks = blocksAt(props, 'blockDeviceMappings').filter(({ ebs }) => ebs !== undefined);
  if (disks.length === 0) {
    return [
      "blockDeviceMappings names no disk, and the image's own isn't encrypted. Fix: name the root device with ebs.encrypted",
    ];
  }
  return disks.map((disk, index) =>
    on(blockAt(disk, 'ebs'), 'encrypted', `blockDeviceMappings[${index}].ebs.`),
  );
}

/** Asymmetric keys can't rotate by themselves. */
function rotation(props: Props): string | null {
  const symmetric =
    !isGiven(props.customerMasterKeySpec) || props.customerMasterKeySpec === 'SYMMETRIC_DEFAULT';
  return symmetric ? on(props, 'enableKeyRotation') : null;
}
