import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import type { Basis, Order } from '../../../scripts/domain/order/order.ts';
import {
  type BasisEvidence,
  checkBasis,
  checkOrderIdentity,
  checkSeal,
} from '../../../scripts/domain/order/order-check.ts';
import { committed, digest, receiptFor, sampleOrder } from '../../support/records/sample-order.ts';

const host = { app: 'shop', environment: 'production', upstream: 'staging' };

describe('the identity of an order', () => {
  const previous = sampleOrder({ number: 4 });
  const next = sampleOrder({ previous: digestOf(previous) });
  const check = (order: Order, number: number, before: Order | undefined) => () =>
    checkOrderIdentity(order, { ...host, number }, before);

  it('is that of the app and the environment that the host serves', () => {
    expect(check(next, 5, previous)).not.toThrow();
    expect(check({ ...next, app: 'other' }, 5, previous)).toThrow(
      'this host refuses order 5 of production: it is for other in production, this host serves shop in production',
    );
    expect(check({ ...next, environment: 'staging' }, 5, previous)).toThrow('it is for shop in staging');
  });

  it('is the number under which it was stored', () => {
    expect(check(next, 6, previous)).toThrow('it was stored as order 6');
  });

  it('continues the order before it, and the first continues none', () => {
    expect(check(next, 5, undefined)).toThrow('order 4 is missing');
    expect(check({ ...next, previous: digest('another') }, 5, previous)).toThrow(
      "it doesn't continue order 4: the chain is broken",
    );
    const first = sampleOrder({ number: 1, previous: null });
    expect(check(first, 1, undefined)).not.toThrow();
    expect(check({ ...first, previous: digest('x') }, 1, undefined)).toThrow(
      'order 1 can have no previous order',
    );
  });
});

describe('the basis of an order', () => {
  const check =
    (
      basis: Basis,
      evidence: BasisEvidence = {},
      upstream: string | null = 'staging',
      given: Partial<Order> = {},
    ) =>
    () =>
      checkBasis(sampleOrder({ basis, ...given }), { ...host, upstream }, evidence);

  it('is first in the chain only where there is no upstream', () => {
    expect(check({ kind: 'first-in-chain' }, {}, null)).not.toThrow();
    expect(check({ kind: 'first-in-chain' })).toThrow('production takes only what staging has verified');
  });

  it('is an override only with a reason that says something', () => {
    expect(check({ kind: 'override', reason: 'the shop is down' })).not.toThrow();
    expect(check({ kind: 'override', reason: ' \n' })).toThrow('an override needs a reason');
  });

  describe('on a receipt', () => {
    const basis: Basis = { kind: 'receipt', environment: 'staging', order: 3 };
    const receipt = receiptFor(sampleOrder(), { order: 3 });

    it('needs that very receipt of the upstream', () => {
      expect(check(basis, { receipt })).not.toThrow();
      expect(check(basis)).toThrow('there is no receipt for order 3 of staging');
      for (const wrong of [{ app: 'other' }, { environment: 'dev' }, { order: 2 }]) {
        expect(check(basis, { receipt: { ...receipt, ...wrong } })).toThrow('its receipt is for');
      }
    });

    it('comes from the upstream that the host knows, not from one that the order names', () => {
      expect(check({ ...basis, environment: 'dev' }, { receipt })).toThrow("this host's upstream is staging");
      expect(check(basis, { receipt }, null)).toThrow("this host's upstream is none");
    });

    it('is for the same bytes and the same shared values', () => {
      expect(check(basis, { receipt: { ...receipt, release: digest('other') } })).toThrow(
        'its receipt is for another release',
      );
      expect(check(basis, { receipt: { ...receipt, sharedConfig: digest('other') } })).toThrow(
        'its shared values are not those that staging verified',
      );
    });
  });

  describe.each(['rollback', 'return'] as const)('on a %s', (kind) => {
    const earlier = sampleOrder({ number: 3 });
    const basis: Basis = { kind, order: 3 };
    const whole = { order: earlier, outcome: committed(earlier) };

    it('leads to an earlier order of this environment', () => {
      expect(check(basis, whole)).not.toThrow();
      const later = sampleOrder({ number: 5 });
      for (const [n, evidence] of [
        [5, { order: later, outcome: committed(later) }],
        [2, whole],
        [3, { outcome: whole.outcome }],
      ] as const) {
        expect(check({ kind, order: n }, evidence)).toThrow(/is not an earlier order of production/);
      }
      for (const given of [{ app: 'other' }, { environment: 'staging' }]) {
        const foreign = sampleOrder({ number: 3, ...given });
        expect(
          check(basis, {
            order: foreign,
            outcome: { ...committed(foreign), app: 'shop', environment: 'production' },
          }),
        ).toThrow(/order 3 belongs to/);
      }
    });

    it('leads to one that was committed, by an outcome that is for that very order', () => {
      for (const wrong of [
        { result: 'failed' },
        { result: 'abandoned' },
        { app: 'other' },
        { environment: 'staging' },
        { order: 2 },
        { orderDigest: digest('another order 3') },
      ] as const) {
        expect(check(basis, { ...whole, outcome: { ...whole.outcome, ...wrong } })).toThrow(
          'it goes back to order 3, which was never committed',
        );
      }
      expect(check(basis, { order: earlier })).toThrow('was never committed');
    });

    it('brings the release of that order', () => {
      expect(check(basis, whole, 'staging', { release: digest('other') })).toThrow(
        'order 3 had another release',
      );
    });

    it(kind === 'return' ? 'brings the env values of that order' : 'may bring other env values', () => {
      const other = check(basis, whole, 'staging', { config: digest('other') });
      if (kind === 'return') expect(other).toThrow('order 3 had other env values');
      else expect(other).not.toThrow();
    });
  });
});

describe("the builder's seal", () => {
  const read = { app: 'shop', release: digest('release'), build: digest('build') };

  it('names the release, its build record and the app', () => {
    expect(() => checkSeal(read, read)).not.toThrow();
    expect(() => checkSeal({ ...read, build: digest('other') }, read)).toThrow(
      "the builder's seal is for another build",
    );
    expect(() => checkSeal({ ...read, app: 'other', release: digest('x') }, read)).toThrow(
      'another app, release',
    );
  });
});
