import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlap, parseRange } from '../../../../infra/network/ranges/ipv4.ts';
import { planSubnets } from '../../../../infra/network/ranges/subnets.ts';

function rangeOf(cidr: string) {
  const range = parseRange(cidr);
  if (range === undefined) throw new TypeError(cidr);
  return range;
}

import { type ChildReference, planVpcChildren } from '../../../../infra/network/ranges/vpc-children.ts';

const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
/** Any VPC that planSubnets takes: an aligned range of /16 to /22. */
const cidrs = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 16, max: 22 }))
  .map(([address, prefix]) => {
    const base = address - (address % 2 ** (32 - prefix));
    return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join('.')}/${prefix}`;
  });
const counts = fc.integer({ min: 2, max: 3 });

describe('planSubnets', () => {
  it('gives every zone three ranges inside the VPC that overlap nowhere, private the largest', () => {
    fc.assert(
      fc.property(cidrs, counts, (cidr, count) => {
        const plan = planSubnets(cidr, zones.slice(0, count));
        const vpc = rangeOf(cidr);
        const ranges = plan.flatMap((zone) => [zone.public, zone.private, zone.isolated]);
        for (const [index, range] of ranges.entries()) {
          const { first, last } = rangeOf(range);
          expect(first).toBeGreaterThanOrEqual(vpc.first);
          expect(last).toBeLessThanOrEqual(vpc.last);
          expect(first % (last - first + 1)).toBe(0);
          for (const other of ranges.slice(index + 1))
            expect(overlap(rangeOf(range), rangeOf(other))).toBe(false);
        }
        for (const zone of plan) {
          const size = (range: string) => Number(range.split('/')[1]);
          expect(size(zone.private)).toBeLessThan(size(zone.public));
          expect(size(zone.private)).toBeLessThan(size(zone.isolated));
        }
      }),
    );
  });

  it('leaves two zones where they are when a third joins', () => {
    fc.assert(
      fc.property(cidrs, (cidr) => {
        expect(planSubnets(cidr, zones).slice(0, 2)).toEqual(planSubnets(cidr, zones.slice(0, 2)));
      }),
    );
  });

  it('draws the example of the documentation', () => {
    expect(planSubnets('10.20.0.0/16', zones)).toEqual([
      { zone: zones[0], public: '10.20.192.0/21', private: '10.20.0.0/18', isolated: '10.20.224.0/21' },
      { zone: zones[1], public: '10.20.200.0/21', private: '10.20.64.0/18', isolated: '10.20.232.0/21' },
      { zone: zones[2], public: '10.20.208.0/21', private: '10.20.128.0/18', isolated: '10.20.240.0/21' },
    ]);
  });

  it.each([
    ['10.0.0.0/15', zones, /\/15.*AWS takes \/16 to \/28/],
    ['10.0.0.0/29', zones, /\/29.*AWS takes \/16 to \/28/],
    ['10.0.0.0/23', zones, /public subnets of \/28.*needs \/27.*\/22 or larger/],
    ['10.0.0.5/16', zones, /write 10\.0\.0\.0\/16/],
    ['10.0.256.0/16', zones, /not an IPv4 range/],
    ['10.0.0.0', zones, /not an IPv4 range/],
    ['10.0.0.0/16', [], /0 zones/],
    ['10.0.0.0/16', ['a', 'b', 'c', 'd'], /4 zones.*at most 3/],
    ['10.0.0.0/16', ['a', 'a'], /zone a is named twice/],
  ])('refuses %s over %j with the numbers and the fix', (cidr, names, message) => {
    expect(() => planSubnets(cidr, names)).toThrow(RangeError);
    expect(() => planSubnets(cidr, names)).toThrow(message);
  });
});

describe('planVpcChildren', () => {
  const plan = (nat: 'none' | 'single' | 'per-zone', count: number) =>
    planVpcChildren({
      name: 'network-vpc',
      cidr: '10.20.0.0/16',
      subnets: planSubnets('10.20.0.0/16', zones.slice(0, count)),
      nat,
      gatewayServices: ['com.amazonaws.eu-central-1.s3'],
      tags: { app: 'intake' },
    });

  it('names each child once, and points only at children that come before', () => {
    for (const nat of ['none', 'single', 'per-zone'] as const) {
      for (const count of [2, 3]) {
        const seen = new Set<string>();
        for (const child of plan(nat, count)) {
          const references = Object.values(child.inputs).flat().filter(isReference);
          const known = references.map((reference) => seen.has(keyOf(reference.child)));
          expect(known).not.toContain(false);
          expect(seen.has(keyOf(child))).toBe(false);
          seen.add(keyOf(child));
        }
      }
    }
  });

  it('has the gateways that the strategy asks for, and no way out of isolated subnets', () => {
    for (const [nat, gateways, routes] of [
      ['none', 0, 3],
      ['single', 1, 6],
      ['per-zone', 3, 6],
    ] as const) {
      const children = plan(nat, 3);
      const count = (type: string) => children.filter((child) => child.type === type).length;
      expect(count('aws:ec2/natGateway:NatGateway')).toBe(gateways);
      expect(count('aws:ec2/eip:Eip')).toBe(gateways);
      expect(count('aws:ec2/route:Route')).toBe(routes);
      expect(count('aws:ec2/subnet:Subnet')).toBe(9);
      const isolated = children.filter(({ type, name }) => type.endsWith('Route') && /isolated/.test(name));
      expect(isolated).toEqual([]);
    }
  });
});

function isReference(value: unknown): value is ChildReference {
  return typeof value === 'object' && value !== null && 'child' in value;
}

function keyOf({ type, name }: { type: string; name: string }): string {
  return `${type} ${name}`;
}
