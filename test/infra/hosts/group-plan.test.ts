import { describe, expect, it } from 'vitest';
import { architectureOf } from '../../../infra/hosts/architecture.ts';
import { planGroup } from '../../../infra/hosts/group-plan.ts';
import { type HostAccess, planHostPolicies } from '../../../infra/hosts/host-policy.ts';
import { fleetSchema } from '../../../infra/settings/schema/fleet-schema.ts';

const times = { launchHookSeconds: 450, healthCheckGraceSeconds: 80 };

describe('planGroup', () => {
  it('never lets two hosts of a group of one live at once', () => {
    const plan = planGroup({ settings: fleetSchema.parse({ hosts: 5 }), times, count: 'exactly-one' });
    expect(plan).toMatchObject({ minSize: 1, maxSize: 1, suspendedProcesses: ['AZRebalance'] });
    expect(plan.instanceMaintenancePolicy).toEqual({ minHealthyPercentage: 0, maxHealthyPercentage: 100 });
  });

  it('leaves desired capacity to scaling, and launches a fleet before it terminates', () => {
    const plan = planGroup({ settings: fleetSchema.parse({ hosts: 3 }), times, count: 'many' });
    expect(plan).toMatchObject({
      minSize: 3,
      maxSize: 6,
      waitForCapacityTimeout: '0',
      instanceMaintenancePolicy: { minHealthyPercentage: 100 },
    });
    expect(plan).not.toHaveProperty('desiredCapacity');
  });
});

describe('architectureOf', () => {
  it.each([
    ['m7i.large', 'x86_64'],
    ['g6.xlarge', 'x86_64'],
    ['g4dn.xlarge', 'x86_64'],
    ['x2iedn.xlarge', 'x86_64'],
    ['m7i-flex.large', 'x86_64'],
    ['t4g.small', 'arm64'],
    ['c7gn.large', 'arm64'],
    ['im4gn.large', 'arm64'],
    ['is4gen.large', 'arm64'],
    ['g5g.xlarge', 'arm64'],
    ['a1.medium', 'arm64'],
  ])('knows that %s is %s', (type, architecture) => {
    expect(architectureOf(type)).toBe(architecture);
  });
});

describe('planHostPolicies', () => {
  const access: HostAccess = {
    storeBucketArn: 'arn:aws:s3:::store',
    keyArns: ['arn:aws:kms:eu-central-1:111122223333:key/1'],
    verifyKeyAliases: ['alias/lockstep-build'],
    parameterArns: ['arn:aws:ssm:eu-central-1:111122223333:parameter/lockstep/intake/staging/*'],
    secretArns: [],
    logGroupArns: ['arn:aws:logs:eu-central-1:111122223333:log-group:app'],
    fileSystem: null,
  };
  const hub = { account: '999988887777', region: 'eu-central-1' };
  const place = { account: '111122223333', region: 'eu-central-1', groupName: 'intake-staging-fleet', hub };
  const policies = planHostPolicies({ app: 'intake', environment: 'staging', ...place, access });
  type Statement = { Action: string[]; Resource: string[]; Condition?: object };
  const statements = Object.values(policies).flatMap(
    (policy): Statement[] => JSON.parse(policy).Statement as Statement[],
  );

  it('lets a host write its own attestations and answers, and nothing else of the store', () => {
    const writes = statements.filter(({ Action }) =>
      Action.some((action) => /^s3:(Put|Delete)/.test(action)),
    );
    expect(writes.flatMap(({ Resource }) => Resource)).toEqual([
      'arn:aws:s3:::store/apps/intake/environments/staging/hosts/*',
      'arn:aws:s3:::store/answers/intake/staging/*',
    ]);
  });

  it('reads parameters and secrets by their ARN alone', () => {
    const reads = statements.filter(({ Action }) =>
      Action.some((action) => /Get(Parameter|Secret)/.test(action)),
    );
    expect(reads.flatMap(({ Resource }) => Resource)).toEqual(access.parameterArns);
  });

  it('has no statement without a resource, and no wildcard in an action', () => {
    for (const { Action, Resource } of statements) {
      expect(Resource.length).toBeGreaterThan(0);
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
    }
  });
});
