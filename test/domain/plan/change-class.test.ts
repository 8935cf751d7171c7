import { describe, expect, test } from 'vitest';
import { classifyChange } from '../../../scripts/domain/plan/change-class.ts';
import { previewSchema } from '../../../scripts/domain/plan/preview.ts';

const urn = (type: string, name = 'thing') =>
  `urn:pulumi:production::lockstep::lockstep:infra:Redis$${type}::${name}`;
const redis = 'aws:elasticache/replicationGroup:ReplicationGroup';
const rule = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const bucket = 'aws:s3/bucket:Bucket';

function classify(...steps: Record<string, unknown>[]) {
  return classifyChange(previewSchema.parse({ steps }).steps);
}
const update = (type: string, before: object, after: object, diffReasons: string[] = []) => ({
  op: 'update',
  urn: urn(type),
  oldState: { inputs: before },
  newState: { inputs: after },
  diffReasons,
});

describe('a change of infrastructure', () => {
  test('is safe where a resource is new, or tags change', () => {
    expect(classify({ op: 'create', urn: urn(bucket), newState: { inputs: {} } })).toMatchObject([
      { class: 'safe', type: bucket, name: 'thing', reasons: ['a new resource'] },
    ]);
    expect(classify(update(redis, {}, {}, ['tags']))).toMatchObject([{ class: 'safe' }]);
    expect(classify({ op: 'same', urn: urn(redis) })).toEqual([]);
  });

  test('restarts where nodes are replaced, or a template waits for hosts to be replaced', () => {
    expect(classify(update(redis, {}, {}, ['nodeType']))[0]).toMatchObject({
      class: 'restart',
      reasons: [expect.stringContaining('failover')],
    });
    const template = update('aws:ec2/launchTemplate:LaunchTemplate', {}, {}, ['imageId', 'tags']);
    expect(classify(template)[0]).toMatchObject({
      class: 'restart',
      reasons: [expect.stringContaining('instance refresh')],
    });
  });

  test('is a replacement where an address changes and nothing is lost', () => {
    const step = { op: 'replace', urn: urn('aws:lb/targetGroup:TargetGroup'), replaceReasons: ['port'] };
    expect(classify(step)).toMatchObject([
      { class: 'replacement', reasons: ['replaced because of port: its id and address change'] },
    ]);
  });

  test('loses data where what holds it is replaced or deleted, and says whether protection stops it', () => {
    const step = {
      op: 'replace',
      urn: urn(redis),
      oldState: { inputs: {}, protect: true },
      newState: { inputs: {}, protect: true },
      replaceReasons: ['kmsKeyId'],
    };
    const [change] = classify(step);
    expect(change).toMatchObject({ class: 'data loss' });
    expect(change?.reasons[0]).toMatch(/because of kmsKeyId: this loses all sessions.*protected/);
    expect(classify({ op: 'delete', urn: urn(bucket) })[0]?.class).toBe('data loss');
  });

  test.each([
    [
      'a rule to the world',
      update(rule, {}, { cidrIpv4: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 22, toPort: 22 }),
      'port 22 opens',
    ],
    [
      'a rule that widens',
      update(
        rule,
        { cidrIpv4: '0.0.0.0/0', fromPort: 443, toPort: 443 },
        { cidrIpv4: '0.0.0.0/0', ipProtocol: '-1' },
      ),
      'every port opens',
    ],
    [
      'a rule over IPv6',
      update(rule, {}, { cidrIpv6: '::/0', ipProtocol: 'tcp', fromPort: 1, toPort: 9 }),
      'ports 1 to 9',
    ],
    [
      'encryption lost',
      update(redis, { transitEncryptionEnabled: true }, { transitEncryptionEnabled: false }),
      'no longer is',
    ],
    [
      'TLS optional',
      update(redis, { transitEncryptionMode: 'required' }, { transitEncryptionMode: 'preferred' }),
      'without TLS',
    ],
    [
      'deletion protection off',
      update('aws:lb/loadBalancer:LoadBalancer', { enableDeletionProtection: true }, {}),
      'one call deletes',
    ],
    [
      'a listener without TLS',
      update('aws:lb/listener:Listener', { protocol: 'HTTPS' }, { protocol: 'HTTP' }),
      'no longer uses TLS',
    ],
    [
      'public access',
      { op: 'delete', urn: urn('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock') },
      'block of public access is removed',
    ],
    [
      'protection off',
      { op: 'update', urn: urn(bucket), oldState: { inputs: {}, protect: true }, newState: { inputs: {} } },
      'no longer protected',
    ],
  ])('exposes: %s', (_name, step, words) => {
    const [change] = classify(step);
    expect(change?.class).toBe('exposure');
    expect(change?.reasons.join('; ')).toContain(words);
  });

  test('does not cry over a rule that stays as open as it was', () => {
    const open = { cidrIpv4: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 443, toPort: 443 };
    expect(classify(update(rule, open, { ...open, description: 'HTTPS' }, ['description']))[0]?.class).toBe(
      'safe',
    );
  });

  test('shows the worst first', () => {
    const steps = [
      { op: 'create', urn: urn(bucket, 'a'), newState: { inputs: {} } },
      { op: 'delete', urn: urn(bucket, 'b') },
      update(redis, { atRestEncryptionEnabled: true }, {}),
    ];
    expect(classify(...steps).map((change) => change.class)).toEqual(['exposure', 'data loss', 'safe']);
  });
});
