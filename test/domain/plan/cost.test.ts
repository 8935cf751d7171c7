import { describe, expect, it } from 'vitest';
import { estimateCost, pricesSchema } from '../../../scripts/domain/plan/cost.ts';
import type { Graph, GraphResource, Values } from '../../../scripts/domain/plan/graph.ts';

const region = {
  'nat-gateway-hour': 0.05,
  'public-ipv4-hour': 0.005,
  'application-balancer-hour': 0.02,
  'interface-endpoint-hour': 0.01,
  'gp3-gib-month': 0.1,
  'kms-key-month': 1,
  'secret-month': 0.4,
  'alarm-month': 0.1,
  'dashboard-month': 3,
  'web-acl-month': 5,
  'instance-hour': { 'm7i.large': 0.1 },
  'cache-node-hour': { 'valkey/cache.t4g.small': 0.03 },
};
const prices = pricesSchema.parse({
  asOf: '2026-01-01',
  source: 'list prices',
  hoursPerMonth: 100,
  regions: { here: region },
});

const resource = (type: string, name: string, inputs: Values = {}): GraphResource => ({
  type,
  name,
  parent: null,
  custom: true,
  inputs,
  options: {},
});
const costOf = (resources: readonly GraphResource[], where = 'here') =>
  estimateCost({ resources, outputs: null } satisfies Graph, where, prices);

describe('what a stack costs', () => {
  it('counts what runs by the hour and what is kept by the month', () => {
    const disk = { blockDeviceMappings: [{ ebs: { volumeSize: 30 } }], instanceType: 'm7i.large' };
    const { lines, monthlyUsd, asOf } = costOf([
      resource('aws:ec2/natGateway:NatGateway', 'nat'),
      resource('aws:ec2/eip:Eip', 'address'),
      resource('aws:kms/key:Key', 'key'),
      resource('aws:ec2/launchTemplate:LaunchTemplate', 'template', disk),
      resource('aws:autoscaling/group:Group', 'hosts', {
        minSize: 3,
        launchTemplate: { id: '«template.id»' },
      }),
      resource('aws:elasticache/replicationGroup:ReplicationGroup', 'redis', {
        engine: 'valkey',
        nodeType: 'cache.t4g.small',
        numCacheClusters: 2,
      }),
      resource('aws:lb/loadBalancer:LoadBalancer', 'balancer', { subnets: ['a', 'b', 'c'] }),
    ]);
    expect(Object.fromEntries(lines.map((line) => [line.resource.split(' ')[0], line.monthlyUsd]))).toEqual({
      nat: 5,
      address: 0.5,
      key: 1,
      hosts: 39,
      redis: 6,
      balancer: 3.5,
    });
    expect(monthlyUsd).toBeCloseTo(55);
    expect(asOf).toBe('2026-01-01');
  });

  it('calls unpriced, and never 0, what it has no price for', () => {
    const large = { blockDeviceMappings: [{ ebs: { volumeSize: 30 } }], instanceType: 'x9.huge' };
    const { lines, monthlyUsd } = costOf([
      resource('aws:ec2/launchTemplate:LaunchTemplate', 'template', large),
      resource('aws:autoscaling/group:Group', 'hosts', {
        minSize: 3,
        launchTemplate: { id: '«template.id»' },
      }),
      resource('aws:s3/bucket:Bucket', 'logs'),
      resource('aws:new/thing:Thing', 'thing'),
    ]);
    expect(lines.map((line) => line.monthlyUsd)).toEqual([null, null, null]);
    expect(lines[0]?.basis).toBe('no price for x9.huge');
    expect(monthlyUsd).toBe(0);
  });

  it('prices nothing in a region that the table lacks', () => {
    const { lines } = costOf([resource('aws:kms/key:Key', 'key')], 'elsewhere');
    expect(lines).toEqual([
      expect.objectContaining({ monthlyUsd: null, basis: 'no prices for this region' }),
    ]);
  });

  it('leaves out what AWS never charges for, and components', () => {
    const component = { ...resource('lockstep:infra:Fleet', 'fleet'), custom: false };
    expect(costOf([resource('aws:iam/role:Role', 'role'), component]).lines).toEqual([]);
  });
});
