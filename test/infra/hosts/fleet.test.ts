import { beforeAll, describe, expect, it } from 'vitest';
import { Fleet, type FleetArgs } from '../../../infra/hosts/fleet.ts';
import { HostSecurityGroup } from '../../../infra/hosts/host-security-group.ts';
import { recordGraph } from '../../../scripts/adapters/pulumi/graph-recorder.ts';
import type { Graph } from '../../../scripts/domain/plan/graph.ts';
import { exampleBase, exampleProviders, exampleStack, ofType } from '../../support/cloud/example-stack.ts';

const access: FleetArgs['access'] = {
  storeBucketArn: 'arn:aws:s3:::store',
  keyArns: ['arn:aws:kms:eu-central-1:111122223333:key/1'],
  verifyKeyAliases: ['alias/lockstep-build'],
  parameterArns: ['arn:aws:ssm:eu-central-1:111122223333:parameter/lockstep/intake/staging/*'],
  secretArns: ['arn:aws:secretsmanager:eu-central-1:111122223333:secret:/lockstep/intake/staging/*'],
  logGroupArns: ['arn:aws:logs:eu-central-1:111122223333:log-group:app'],
  fileSystem: null,
};

function record(args: Pick<FleetArgs, 'count' | 'balancer'>) {
  return recordGraph(() => {
    const stack = exampleStack();
    const providers = exampleProviders();
    const group = new HostSecurityGroup(
      'hosts',
      {
        stack,
        vpcId: 'vpc-1',
        cidr: '10.20.0.0/16',
        outboundPorts: [443],
        inside: { redis: 6379 },
        balancer: { securityGroupId: 'sg-1', port: 8080 },
      },
      providers,
    );
    const made = new Fleet(
      'fleet',
      {
        stack,
        settings: exampleBase().fleet,
        access,
        services: ['web'],
        userData: '#!/bin/sh',
        imageId: 'ami-00000001',
        subnetIds: ['subnet-1'],
        securityGroupIds: [group.id],
        ...args,
        times: { launchHookSeconds: 450, healthCheckGraceSeconds: 80 },
      },
      providers,
    );
    return { version: made.launchTemplateVersion };
  });
}

const balancer = {
  targetGroupArn: 'arn:aws:elasticloadbalancing:x',
  requestLabel: 'app/a/1/targetgroup/b/2',
};

describe('Fleet', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await record({ count: 'many', balancer });
  });

  it('leaves to others what is theirs after creation', () => {
    const [group] = ofType(graph, 'Group');
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
      ofType(graph, 'Policy')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['fleet-scale-on-cpu', 'fleet-scale-on-requests']);
  });

  it('launches hosts without a public address, with version 2 of instance metadata and encrypted disks', () => {
    expect(ofType(graph, 'LaunchTemplate')[0]?.inputs).toMatchObject({
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      networkInterfaces: [{ associatePublicIpAddress: 'false' }],
      blockDeviceMappings: [{ ebs: { encrypted: 'true', volumeType: 'gp3' } }],
      userData: Buffer.from('#!/bin/sh').toString('base64'),
    });
  });

  it('is a group of one without scaling or balancer for what runs exactly once', async () => {
    const graph = await record({ count: 'exactly-one', balancer: null });
    expect(ofType(graph, 'Group')[0]?.inputs).toMatchObject({
      minSize: 1,
      maxSize: 1,
      healthCheckType: 'EC2',
      suspendedProcesses: ['AZRebalance'],
      instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
    });
    expect(ofType(graph, 'Policy')).toEqual([]);
  });

  it('lets hosts do no more than the boundary that the foundation drew for their environment', () => {
    expect(ofType(graph, 'Role').map(({ inputs }) => inputs.permissionsBoundary)).toEqual([
      'arn:aws:iam::111122223333:policy/intake-staging-boundary',
    ]);
  });

  it('lets the balancer in, and nobody else', () => {
    const inward = ofType(graph, 'SecurityGroupIngressRule').map(({ inputs }) => inputs);
    expect(inward).toEqual([
      expect.objectContaining({ referencedSecurityGroupId: 'sg-1', fromPort: 8080, toPort: 8080 }),
    ]);
  });
});
