import { type Props, unknownYet } from '../../../../infra/policies/rule/declared.ts';
import { declared, document } from '../declared.ts';
import type { RuleExamples } from './rule-examples.ts';

const balancerType = 'aws:lb/loadBalancer:LoadBalancer';
const redis = 'aws:elasticache/replicationGroup:ReplicationGroup';
const template = 'aws:ec2/launchTemplate:LaunchTemplate';
const bucketType = 'aws:s3/bucket:Bucket';
const cache = {
  atRestEncryptionEnabled: true,
  transitEncryptionEnabled: true,
  transitEncryptionMode: 'required',
  kmsKeyId: 'arn',
  finalSnapshotIdentifier: 'last',
};
const disk = (encrypted?: unknown) => ({
  blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { encrypted } }],
});

const bucket = declared(bucketType, {}, { name: 'bucket', protect: true });
const beside = (short: string, props: Props) =>
  declared(`aws:s3/${short.charAt(0).toLowerCase()}${short.slice(1)}:${short}`, props, {
    references: { bucket: ['bucket'] },
  });
const closed = {
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
};
const locks = {
  access: beside('BucketPublicAccessBlock', closed),
  encryption: beside('BucketServerSideEncryptionConfiguration', {
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  }),
  policy: beside('BucketPolicy', {
    policy: document({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
  }),
};

/** What holds data, and how it is locked. */
export const stateExamples: RuleExamples = {
  'protected-state': {
    refuses: [
      ['Redis', [declared(redis)], /all sessions.*protect: true$/],
      [
        'a database',
        [declared('aws:rds/instance:Instance', { deletionProtection: false })],
        /protect: true or deletionProtection/,
      ],
      ['a public zone', [declared('aws:route53/zone:Zone', { name: 'example.com' })], /name servers/],
    ],
    accepts: [
      ['what is protected', [declared(redis, {}, { protect: true }), bucket]],
      ['a database that AWS protects', [declared('aws:rds/instance:Instance', { deletionProtection: true })]],
      ['a private zone', [declared('aws:route53/zone:Zone', { vpcs: [{ vpcId: unknownYet }] })]],
      ['what holds nothing', [declared(balancerType)]],
    ],
  },
  'nothing-forced': {
    refuses: [
      ['a bucket with all in it', [declared(bucketType, { forceDestroy: true })], /forceDestroy/],
      ['Redis without a last snapshot', [declared(redis, {})], /finalSnapshotIdentifier/],
      [
        'a database without one',
        [declared('aws:rds/cluster:Cluster', { skipFinalSnapshot: true })],
        /skipFinalSnapshot/,
      ],
      [
        'a secret at once',
        [declared('aws:secretsmanager/secret:Secret', { recoveryWindowInDays: 0 })],
        /30 days/,
      ],
      [
        'a key in a week',
        [declared('aws:kms/key:Key', { deletionWindowInDays: 7 })],
        /deletionWindowInDays is 7/,
      ],
    ],
    accepts: [
      [
        'defaults',
        [bucket, declared(redis, cache), declared('aws:kms/key:Key', { deletionWindowInDays: 30 })],
      ],
    ],
  },
  encrypted: {
    refuses: [
      [
        'Redis at rest',
        [declared(redis, { ...cache, atRestEncryptionEnabled: false })],
        /atRestEncryptionEnabled is off/,
      ],
      [
        'Redis on the way',
        [declared(redis, { ...cache, transitEncryptionEnabled: undefined })],
        /transitEncryptionEnabled is off/,
      ],
      [
        'Redis that also speaks without TLS',
        [declared(redis, { ...cache, transitEncryptionMode: 'preferred' })],
        /preferred lets clients/,
      ],
      [
        'Redis without the own key',
        [declared(redis, { ...cache, kmsKeyId: undefined })],
        /kmsKeyId is missing/,
      ],
      ['files', [declared('aws:efs/fileSystem:FileSystem', { kmsKeyId: 'arn' })], /encrypted is off/],
      ['logs', [declared('aws:cloudwatch/logGroup:LogGroup', {})], /kmsKeyId is missing/],
      ['a topic', [declared('aws:sns/topic:Topic', {})], /kmsMasterKeyId is missing/],
      ['a disk', [declared(template, disk())], /blockDeviceMappings\[0\]\.ebs\.encrypted is off/],
      ["the image's own disk", [declared(template, {})], /names no disk/],
      ['a key that never rotates', [declared('aws:kms/key:Key', {})], /enableKeyRotation is off/],
    ],
    accepts: [
      ['Redis', [declared(redis, cache)]],
      ['a disk', [declared(template, disk('true'))]],
      ['a key that is still to be made', [declared('aws:sns/topic:Topic', { kmsMasterKeyId: unknownYet })]],
      ['a key that signs', [declared('aws:kms/key:Key', { customerMasterKeySpec: 'ECC_NIST_EDWARDS25519' })]],
    ],
  },
  'buckets-stay-private': {
    refuses: [
      [
        'a switch left out',
        [
          declared('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', {
            ...closed,
            restrictPublicBuckets: undefined,
          }),
        ],
        /restrictPublicBuckets is off/,
      ],
      [
        'a public ACL',
        [declared('aws:s3/bucketAcl:BucketAcl', { acl: 'public-read' })],
        /opens it to everybody/,
      ],
    ],
    accepts: [['all switches', [locks.access]]],
  },
  'buckets-are-locked': {
    refuses: [
      ['a bucket alone', [bucket], /public access is not blocked/],
      ['without encryption', [bucket, locks.access, locks.policy], /encryption is left to S3/],
      ['with plain HTTP', [bucket, locks.access, locks.encryption], /plain HTTP is not refused/],
      [
        'with locks of another bucket',
        [bucket, ...Object.values(locks).map((lock) => ({ ...lock, references: { bucket: ['other'] } }))],
        /public access/,
      ],
    ],
    accepts: [
      ['a locked bucket', [bucket, ...Object.values(locks)]],
      [
        'a policy that is still to be made',
        [bucket, locks.access, locks.encryption, { ...locks.policy, props: { policy: unknownYet } }],
      ],
    ],
  },
};
