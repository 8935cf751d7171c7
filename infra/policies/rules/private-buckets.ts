import { blockAt, blocksAt, type Declared, isGiven, isOn, referringTo } from '../rule/declared.ts';
import { statementsOf } from '../rule/policy-documents.ts';
import type { ResourceRule, StackRule } from '../rule/rule.ts';

const bucketTypes = new Set(['aws:s3/bucket:Bucket', 'aws:s3/bucketV2:BucketV2']);
const accessBlock = 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock';
const sideBySide = 'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration';
const bucketPolicy = 'aws:s3/bucketPolicy:BucketPolicy';
const switches = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'];

export const bucketsStayPrivate: ResourceRule = {
  name: 'buckets-stay-private',
  description:
    'No bucket, policy or ACL can be opened to everybody: all four switches of the public access block are on.',
  level: 'mandatory',
  judge({ type, props }) {
    if (type === accessBlock) {
      return switches.filter((key) => !isOn(props[key])).map((key) => `${key} is off. Fix: ${key}: true`);
    }
    const acl = String(props.acl ?? '');
    return /^aws:s3\//.test(type) && acl.startsWith('public-')
      ? [`acl ${acl} opens it to everybody. Fix: leave acl out; policies say who reads`]
      : [];
  },
};

export const bucketsAreLocked: StackRule = {
  name: 'buckets-are-locked',
  description:
    'Each bucket has its public access blocked, its encryption written down and a policy that refuses plain HTTP, as resources beside it.',
  level: 'mandatory',
  judgeStack: (stack) =>
    stack
      .filter(({ type }) => bucketTypes.has(type))
      .flatMap((bucket) => lacking(stack, bucket).map((message) => ({ id: bucket.id, message }))),
};

function lacking(stack: readonly Declared[], bucket: Declared): string[] {
  const beside = (type: string) => referringTo(stack, type, 'bucket', bucket);
  const encrypts = ({ props }: Declared) =>
    blocksAt(props, 'rules').some((rule) =>
      isGiven(blockAt(rule, 'applyServerSideEncryptionByDefault').sseAlgorithm),
    );
  const found: string[] = [];
  if (beside(accessBlock).length === 0) {
    found.push('public access is not blocked. Fix: add a BucketPublicAccessBlock for it');
  }
  if (!beside(sideBySide).some(encrypts)) {
    found.push('its encryption is left to S3. Fix: add a BucketServerSideEncryptionConfiguration for it');
  }
  if (!beside(bucketPolicy).some(refusesPlainHttp)) {
    found.push('plain HTTP is not refused. Fix: a BucketPolicy with Deny where aws:SecureTransport is false');
  }
  return found;
}

function refusesPlainHttp({ props }: Declared): boolean {
  const statements = statementsOf(props.policy);
  if (statements === null) return true;
  return statements.some(({ Effect, Principal, Condition }) => {
    const everybody = Principal === '*' || blockAt({ Principal }, 'Principal').AWS === '*';
    const secure = blockAt(blockAt({ Condition }, 'Condition'), 'Bool')['aws:SecureTransport'];
    return Effect === 'Deny' && everybody && String(secure) === 'false';
  });
}
