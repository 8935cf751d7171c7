import { describe, expect, it } from 'vitest';
import type { Attestation } from '../../../scripts/domain/order/attestation.ts';
import { mismatches, sameContent, short } from '../../../scripts/domain/order/content.ts';
import { attestationOf, digest, sampleOrder } from '../../support/records/sample-order.ts';

const order = sampleOrder({
  secrets: [
    { name: 'A', version: 1 },
    { name: 'B', version: 2 },
  ],
});

describe('two contents', () => {
  it('are equal by release, env values and secret versions, in whatever order these are listed', () => {
    expect(sameContent(order, { ...order, secrets: order.secrets.toReversed() })).toBe(true);
    expect(sameContent(order, { ...order, release: digest('other') })).toBe(false);
    expect(sameContent(order, { ...order, config: digest('other') })).toBe(false);
    expect(sameContent(order, { ...order, secrets: order.secrets.slice(1) })).toBe(false);
    expect(
      sameContent(order, {
        ...order,
        secrets: [
          { name: 'A', version: 2 },
          { name: 'B', version: 2 },
        ],
      }),
    ).toBe(false);
  });
});

describe('a host carries out an order', () => {
  const differs = (given: Partial<Attestation>) => mismatches(order, attestationOf(order, given));
  const web = { service: 'web', pid: 1, startedAt: null, restarts: 0, lastExit: null };

  it('where nothing differs', () => {
    expect(differs({})).toEqual([]);
  });

  it('not where it runs nothing: no more is said then', () => {
    expect(differs({ order: null, release: null })).toEqual(['runs no release']);
  });

  it('not with another release, other values, other secrets, or under another number', () => {
    expect(differs({ release: digest('other') })).toEqual([`runs release ${digest('other').slice(0, 12)}`]);
    expect(differs({ release: null })).toEqual(['runs release none']);
    expect(differs({ config: digest('other') })).toEqual(['env values differ from those ordered']);
    expect(differs({ secrets: [] })).toEqual(['secret versions differ from those ordered']);
    expect(differs({ order: 4 })).toEqual(['is at order 4']);
  });

  it('not with files that differ from the release: three of them are named and the rest counted', () => {
    const damage = { changed: ['a', 'b'], missing: ['c'], extra: ['d'], count: 4 };
    expect(differs({ damage })).toEqual([
      'files differ from the release: a changed, b changed, c missing and 1 more',
    ]);
    const few = { changed: [], missing: ['c'], extra: ['d', 'e'], count: 3 };
    expect(differs({ damage: few })).toEqual(['files differ from the release: c missing, d extra, e extra']);
  });

  it('not while a process of it does not run, and not without any', () => {
    expect(
      differs({
        processes: [web, { ...web, service: 'worker', pid: null }, { ...web, service: 'bot', pid: null }],
      }),
    ).toEqual(['not running: worker, bot']);
    expect(differs({ processes: [] })).toEqual(['runs no process']);
  });

  it('all that differs is said at once', () => {
    expect(differs({ release: digest('other'), order: 4, processes: [] })).toHaveLength(3);
  });
});

it('a digest is short for people', () => {
  expect(short(digest('x'))).toBe(digest('x').slice(0, 12));
  expect(short(null)).toBe('none');
});
