import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Declared } from '../../../infra/policies/rule/declared.ts';
import { declared } from '../../support/cloud/declared.ts';
import { startPolicyPack } from '../../support/cloud/policy-pack.ts';
import { unknownText } from '../../support/servers/pulumi-grpc.ts';

/**
 * Over gRPC, started as the engine starts it. What the engine itself sends is seen by the tests of the real
 * engine.
 */
describe('the policy pack, started as the engine starts it', () => {
  let pack: Awaited<ReturnType<typeof startPolicyPack>>;
  beforeAll(async () => {
    pack = await startPolicyPack();
  });
  afterAll(() => pack.stop());

  const urn = (name: string) => `urn:pulumi:staging::lockstep::aws:x:X::${name}`;
  const named = (name: string, type: string, props: object, references: Declared['references'] = {}) =>
    declared(type, { ...props }, { id: urn(name), name, references });
  const plain = named('http', 'aws:lb/listener:Listener', {
    port: 80,
    protocol: 'HTTP',
    tags: { 'lockstep:app': 'intake' },
    defaultActions: [{ type: 'forward', targetGroupArn: unknownText }],
  });

  test('stops an update for one resource, with the fix', async () => {
    expect(await pack.analyze(plain)).toEqual([
      {
        policy: 'tls-listeners',
        mandatory: true,
        urn: '',
        message: expect.stringContaining('Fix: protocol HTTPS'),
      },
    ]);
  });

  test('judges what is known where a preview does not know the rest', async () => {
    const topic = (key: unknown) =>
      named('topic', 'aws:sns/topic:Topic', {
        tags: { 'lockstep:app': 'x', 'lockstep:arn': unknownText },
        kmsMasterKeyId: key,
      });
    expect(await pack.analyze(topic(unknownText))).toEqual([]);
    expect(await pack.analyze(topic(''))).toMatchObject([{ policy: 'encrypted' }]);
  });

  test('sees protection, and secrets in the clear without repeating them', async () => {
    const bucket = named('bucket', 'aws:s3/bucket:Bucket', { tags: { 'lockstep:app': 'x' } });
    expect(await pack.analyze(bucket)).toMatchObject([{ policy: 'protected-state' }]);
    expect(await pack.analyze({ ...bucket, protect: true })).toEqual([]);
    const found = await pack.analyze(
      named('user', 'aws:iam/x:X', {
        password: {
          '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
          value: 'hunter2',
        },
      }),
    );
    expect(found).toMatchObject([{ policy: 'no-secret-inputs' }]);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  test('follows references between resources of a stack', async () => {
    const group = named('door', 'aws:ec2/securityGroup:SecurityGroup', {});
    const rule = named(
      'open',
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
      { cidrIpv4: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 443, toPort: 443, securityGroupId: unknownText },
      { securityGroupId: [group.id] },
    );
    const door = named(
      'alb',
      'aws:lb/loadBalancer:LoadBalancer',
      { internal: false },
      { securityGroups: [group.id] },
    );
    const host = named(
      'host',
      'aws:ec2/launchTemplate:LaunchTemplate',
      {},
      { networkInterfaces: [group.id] },
    );
    expect(await pack.analyzeStack([group, rule, door])).toEqual([]);
    expect(await pack.analyzeStack([group, rule, door, host])).toMatchObject([
      { policy: 'world-only-to-public-balancers', urn: rule.id, mandatory: true },
    ]);
  });
});
