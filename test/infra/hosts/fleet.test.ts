import { beforeAll, describe, expect, it } from 'vitest';
import { recordPackedStack } from '../../../scripts/adapters/pulumi/stack-recorder.ts';
import type { Graph, GraphResource } from '../../../scripts/domain/plan/graph.ts';
import { exampleSubject } from '../../support/cloud/example-settings.ts';
import { ofType } from '../../support/cloud/example-stack.ts';

/**
 * The group that runs the public service, `fleet`, beside one whose service runs exactly once, `fleet-bot`.
 */
const subject = () => exampleSubject('staging', { 'app.services.bot': { replicas: 'exactly-one' } });

describe('Fleet', () => {
  let graph: Graph;
  const declaredBy = (group: string, type: string): GraphResource[] =>
    ofType(graph, type).filter(({ parent }) => parent === `${group} (lockstep:infra:Fleet)`);
  beforeAll(async () => {
    graph = await recordPackedStack(subject());
  });

  it('leaves to others what is theirs after creation', () => {
    const [group] = declaredBy('fleet', 'Group');
    expect(group?.options.ignoreChanges).toEqual([
      'launchTemplate',
      'suspendedProcesses',
      'initialLifecycleHooks',
    ]);
    expect(group?.inputs).not.toHaveProperty('desiredCapacity');
    expect(group?.inputs).not.toHaveProperty('instanceRefresh');
    expect(group?.inputs).toMatchObject({
      healthCheckType: 'ELB',
      launchTemplate: { version: expect.not.stringMatching(/^\$/) },
    });
    expect(
      declaredBy('fleet', 'Policy')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['fleet-scale-on-cpu', 'fleet-scale-on-requests']);
  });

  it('launches hosts without a public address, with version 2 of instance metadata and encrypted disks', () => {
    const [template] = declaredBy('fleet', 'LaunchTemplate');
    expect(template?.inputs).toMatchObject({
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      networkInterfaces: [{ associatePublicIpAddress: 'false' }],
      blockDeviceMappings: [{ ebs: { encrypted: 'true', volumeType: 'gp3' } }],
    });
    const userData = Buffer.from(String(template?.inputs.userData), 'base64').toString();
    expect(userData).toMatch(/^#!\/bin\/bash\n/);
  });

  it('is a group of one without scaling or balancer for what runs exactly once', () => {
    expect(declaredBy('fleet-bot', 'Group')[0]?.inputs).toMatchObject({
      minSize: 1,
      maxSize: 1,
      healthCheckType: 'EC2',
      targetGroupArns: [],
      suspendedProcesses: ['AZRebalance'],
      instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
    });
    expect(declaredBy('fleet-bot', 'Policy')).toEqual([]);
  });

  it('starts no host before what it mounts and reads', () => {
    // Of the component: its children are registered when it is, which is after these.
    expect(ofType(graph, 'Fleet')[0]?.options.dependencies).toEqual(
      expect.arrayContaining([
        'files-mount-target-1 (aws:efs/mountTarget:MountTarget)',
        'network-vpc (awsx:ec2:Vpc)',
        'parameters-bindings-PUBLIC_URL (aws:ssm/parameter:Parameter)',
      ]),
    );
  });

  it('lets hosts do no more than the boundary that the foundation drew for their environment', () => {
    const roles = ofType(graph, 'Role').filter(({ name }) => name.startsWith('fleet'));
    expect(roles.map(({ inputs }) => inputs.permissionsBoundary)).toEqual([
      'arn:aws:iam::111122223333:policy/intake-staging-boundary',
      'arn:aws:iam::111122223333:policy/intake-staging-boundary',
    ]);
  });

  it('lets the balancer in, and nobody else', () => {
    const inward = ofType(graph, 'SecurityGroupIngressRule')
      .map(({ inputs }) => inputs)
      .filter(({ securityGroupId }) => securityGroupId === '«hosts-security-group.id»');
    expect(inward).toEqual([
      expect.objectContaining({
        referencedSecurityGroupId: '«balancer-security-group.id»',
        fromPort: 8080,
        toPort: 8080,
      }),
    ]);
  });
});
