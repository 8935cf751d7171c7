import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import { attestationSchema } from '../../../scripts/domain/order/attestation.ts';
import { describeBasis } from '../../../scripts/domain/order/describe-basis.ts';
import {
  lastCommittedOf,
  orderSchema,
  outcomeOf,
  outcomeSchema,
  receiptOf,
  receiptSchema,
} from '../../../scripts/domain/order/order.ts';
import { attestationOf, committed, newYear, sampleOrder } from '../../support/records/sample-order.ts';

const order = sampleOrder();
const suites = [{ suite: 'front', travels: 'each-host', passed: true, requests: 1, failure: null } as const];

describe('records of an order', () => {
  it('an outcome is bound to the order that it closes', () => {
    const outcome = outcomeOf(order, 'failed', { reason: 'it broke', suites, now: newYear });
    expect(outcomeSchema.parse(outcome)).toEqual({
      app: 'shop',
      environment: 'production',
      order: 5,
      orderDigest: digestOf(order),
      result: 'failed',
      reason: 'it broke',
      suites,
      at: newYear.toISOString(),
    });
    expect(outcomeOf(order, 'committed', { now: newYear })).toMatchObject({ reason: null, suites: [] });
  });

  it('a receipt is bound to order, release and shared values', () => {
    expect(receiptSchema.parse(receiptOf(order, suites, newYear))).toEqual({
      app: 'shop',
      environment: 'production',
      order: 5,
      release: order.release,
      sharedConfig: order.sharedConfig,
      suites,
      at: newYear.toISOString(),
    });
  });

  it('know no field that is not written down: a reader would not know what it was signed for', () => {
    expect(orderSchema.safeParse(order).success).toBe(true);
    expect(orderSchema.safeParse({ ...order, extra: 1 }).success).toBe(false);
    expect(attestationSchema.safeParse(attestationOf(order)).success).toBe(true);
    expect(attestationSchema.safeParse({ ...attestationOf(order), extra: 1 }).success).toBe(false);
  });
});

it('the last committed order is the newest one that was committed, not the newest one', () => {
  const entry = (number: number, result: 'committed' | 'failed' | null) => {
    const each = sampleOrder({ number });
    return { order: each, outcome: result === null ? undefined : committed(each, { result }) };
  };
  const entries = [entry(1, 'committed'), entry(2, 'committed'), entry(3, 'failed'), entry(4, null)];
  expect(lastCommittedOf(entries)?.order.number).toBe(2);
  expect(lastCommittedOf([entry(1, 'failed')])).toBeUndefined();
});

it('the right by which an order was given is said in words, an override with its reason', () => {
  expect(
    [
      { kind: 'first-in-chain' } as const,
      { kind: 'receipt', environment: 'staging', order: 3 } as const,
      { kind: 'rollback', order: 2 } as const,
      { kind: 'return', order: 2 } as const,
      { kind: 'override', reason: 'the shop is down' } as const,
    ].map(describeBasis),
  ).toEqual([
    'first in the chain',
    'verified in staging by order 3',
    'rollback to order 2',
    'return to order 2 after a failure',
    'OVERRIDE, because: the shop is down',
  ]);
});
