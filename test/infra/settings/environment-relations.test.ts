import { describe, expect, test } from 'vitest';
import { findClashes } from '../../../infra/settings/environment-relations.ts';

const environment = (name: string, values: Record<string, unknown>) => ({ name, values });
const clashesOf = (...environments: Parameters<typeof findClashes>[0]) =>
  findClashes(environments).map(({ environment: name, path, message }) => [name, path.join('.'), message]);

describe('upstreams', () => {
  test('may form a chain of any length', () => {
    const chain = [
      environment('staging', {}),
      environment('canary', { upstream: 'staging' }),
      environment('production', { upstream: 'canary' }),
      environment('archive', { upstream: 'canary' }),
    ];
    expect(clashesOf(...chain)).toEqual([]);
  });

  test('that exist nowhere are refused, with the names that do', () => {
    const [finding] = findClashes([
      environment('staging', {}),
      environment('production', { upstream: 'stging' }),
    ]);
    expect(finding).toMatchObject({
      environment: 'production',
      message: 'no such environment',
      allowed: 'staging',
      unknownName: { word: 'stging', known: ['staging'] },
    });
  });

  test('that form a cycle are refused in each environment of it, and only there', () => {
    const circle = [
      environment('a', { upstream: 'b' }),
      environment('b', { upstream: 'c' }),
      environment('c', { upstream: 'b' }),
      environment('d', { upstream: 'd' }),
    ];
    expect(clashesOf(...circle)).toEqual([
      ['b', 'upstream', 'upstreams form a cycle (b <- c <- b), so no environment comes first'],
      ['c', 'upstream', 'upstreams form a cycle (c <- b <- c), so no environment comes first'],
      ['d', 'upstream', 'upstreams form a cycle (d <- d), so no environment comes first'],
    ]);
  });
});

describe('identities', () => {
  const identity = (cidr: string, domain: string) => ({ identity: { cidr, domain } });

  test('that share a domain are refused in both environments', () => {
    expect(
      clashesOf(
        environment('a', identity('10.1.0.0/16', 'x.example.com')),
        environment('b', identity('10.2.0.0/16', 'x.example.com')),
      ),
    ).toEqual([
      ['a', 'identity.domain', 'the domain of b'],
      ['b', 'identity.domain', 'the domain of a'],
    ]);
  });

  test.each([
    ['10.1.0.0/16', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.1.255.0/24', true],
    ['10.1.7.0/16', '10.1.0.0/20', true],
    ['192.0.0.0/2', '255.255.255.0/24', true],
    ['10.1.0.0/17', '10.1.128.0/17', false],
    ['10.1.0.0/16', 'not a range', false],
  ])('with the networks %s and %s: overlap is %s', (left, right, overlaps) => {
    const clashes = clashesOf(
      environment('a', identity(left, 'a.example.com')),
      environment('b', identity(right, 'b.example.com')),
    );
    expect(clashes).toEqual(
      overlaps
        ? [
            ['a', 'identity.cidr', 'overlaps the network of b'],
            ['b', 'identity.cidr', 'overlaps the network of a'],
          ]
        : [],
    );
  });
});
