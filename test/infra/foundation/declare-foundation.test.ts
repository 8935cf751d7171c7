import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type PolicyDocument, policy, type Statement, tlsOnly } from '../../../infra/aws/policy-document.ts';
import { applyPolicy, boundaryPolicy } from '../../../infra/foundation/apply-policies.ts';
import { declareFoundation } from '../../../infra/foundation/declare-foundation.ts';
import {
  buildPolicy,
  deployPolicy,
  driftPolicy,
  previewPolicy,
} from '../../../infra/foundation/role-policies.ts';
import { foundationSchema } from '../../../infra/foundation/settings.ts';
import { stateBucketStatements } from '../../../infra/foundation/state-policy.ts';
import { storeStatements } from '../../../infra/foundation/store-policy.ts';
import { recordGraph } from '../../../scripts/adapters/pulumi/graph-recorder.ts';
import type { Graph } from '../../../scripts/domain/plan/graph.ts';

const root = path.join(import.meta.dirname, '../../..');
const raw = parse(readFileSync(path.join(root, 'infra/foundation/Pulumi.hub.yaml'), 'utf8')).config[
  'lockstep-foundation:settings'
];
const settings = foundationSchema.parse(raw);
let graph: Graph;
const ofType = (type: string) => graph.resources.filter((each) => each.type === type);

beforeAll(async () => {
  graph = await recordGraph(() => declareFoundation(settings));
});

const statements = (text: string) => (JSON.parse(text) as PolicyDocument).Statement;
const actions = ({ Action }: Statement) => [Action ?? []].flat();

test('both buckets are encrypted, versioned, closed and take TLS alone', () => {
  expect(ofType('aws:s3/bucket:Bucket').map(({ inputs }) => inputs.bucket)).toEqual([
    'lockstep-state-999900001111-eu-central-1',
    'lockstep-store-999900001111-eu-central-1',
  ]);
  for (const type of [
    'BucketVersioning',
    'BucketServerSideEncryptionConfiguration',
    'BucketPublicAccessBlock',
  ]) {
    const short = `${type[0]?.toLowerCase()}${type.slice(1)}`;
    expect(ofType(`aws:s3/${short}:${type}`)).toHaveLength(2);
  }
  for (const { inputs } of ofType('aws:s3/bucketPolicy:BucketPolicy')) {
    const denied = statements(String(inputs.policy)).find(({ Sid }) => Sid === 'TlsOnly');
    expect(denied).toMatchObject({ Effect: 'Deny', Principal: '*', Action: 's3:*' });
  }
});

test('five keys sign, each for one role alone', () => {
  const keys = ofType('aws:kms/key:Key').filter(({ inputs }) => inputs.keyUsage === 'SIGN_VERIFY');
  expect(keys.map(({ name }) => name).sort()).toEqual([
    'build-key-key',
    'production-orders-key-key',
    'production-receipts-key-key',
    'staging-orders-key-key',
    'staging-receipts-key-key',
  ]);
  for (const { inputs } of keys) {
    expect(inputs.customerMasterKeySpec).toBe('ECC_NIST_EDWARDS25519');
    const all = statements(String(inputs.policy));
    expect(all.filter(({ Effect, Sid }) => Effect === 'Deny' && Sid === 'NobodyElseSigns')).toHaveLength(1);
    expect(all.filter((each) => each.Effect === 'Allow' && actions(each).includes('kms:Sign'))).toHaveLength(
      1,
    );
  }
});

test('no role is taken by a wildcard, and what it does fits into IAM', () => {
  const roles = ofType('aws:iam/role:Role');
  expect(roles).toHaveLength(8);
  for (const { inputs } of roles) {
    const [trust] = statements(String(inputs.assumeRolePolicy));
    expect(Object.keys(trust?.Condition ?? {})).toEqual(['StringEquals']);
    expect(JSON.stringify(trust)).not.toContain('*');
    expect(String(inputs.name).length).toBeLessThanOrEqual(64);
  }
  for (const { inputs } of ofType('aws:iam/rolePolicy:RolePolicy')) {
    expect(String(inputs.policy).length).toBeLessThan(10_240);
  }
  expect(roles.find(({ name }) => name === 'staging-apply-role')?.inputs.permissionsBoundary).toBeDefined();
});

test('a review can read and decrypt state, and nothing else', () => {
  expect(statements(previewPolicy(settings)).flatMap(actions).sort()).toEqual([
    'kms:Decrypt',
    'kms:DescribeKey',
    's3:GetObject',
    's3:ListBucket',
  ]);
});

test('policies fit: 6,144 characters for a boundary, 20 KB for a bucket', () => {
  for (const [name, at] of Object.entries(settings.environments)) {
    expect(boundaryPolicy(settings, name, at).length).toBeLessThan(6_144);
    for (const text of [
      applyPolicy(settings, name),
      driftPolicy(settings, name),
      deployPolicy(settings, name, at),
    ])
      expect(text.length).toBeLessThan(10_240);
  }
  expect(buildPolicy(settings).length).toBeLessThan(10_240);
  for (const own of [
    storeStatements('arn:aws:s3:::b', settings),
    stateBucketStatements('arn:aws:s3:::b', settings),
  ]) {
    expect(policy(...tlsOnly('arn:aws:s3:::b'), ...own).length).toBeLessThan(20_480);
  }
});

test('an environment may write its own records and no others', () => {
  const staging = storeStatements('arn:aws:s3:::b', settings).filter(
    ({ Principal, Effect }) => Effect === 'Allow' && JSON.stringify(Principal).includes('111122223333'),
  );
  const written = staging
    .filter((each) => actions(each).includes('s3:PutObject'))
    .flatMap(({ Resource }) => Resource);
  expect(JSON.stringify(written)).not.toContain('production');
  expect(JSON.stringify(written)).not.toMatch(/packs|releases|agents|tags/);
});

test('settings: an upstream that is no environment, a role of another account and a wildcard are refused', () => {
  const staging = raw.environments.staging;
  for (const wrong of [
    { environments: { staging: { ...staging, upstream: 'nowhere' } } },
    { environments: { staging: { ...staging, setupRole: 'arn:aws:iam::000000000000:role/x' } } },
    { subPrefix: 'repo:example/*' },
    { environments: {} },
    { hub: { account: 1, region: 'eu-central-1' } },
  ]) {
    expect(foundationSchema.safeParse({ ...raw, ...wrong }).success).toBe(false);
  }
});

test("the example's environments are those of the settings", () => {
  for (const [name, { account, region }] of Object.entries(settings.environments)) {
    const own = parse(readFileSync(path.join(root, `Pulumi.${name}.yaml`), 'utf8')).config[
      'lockstep:identity'
    ];
    expect({ account, region }).toEqual({ account: own.account, region: own.region });
  }
});
