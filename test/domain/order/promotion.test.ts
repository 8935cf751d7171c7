import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../../scripts/domain/order/order.ts';
import { decideBasis, type PromotionQuestion } from '../../../scripts/domain/order/promotion.ts';
import { digest, newYear, receiptFor, sampleOrder } from '../../support/records/sample-order.ts';

const order = sampleOrder();
const minutes = (count: number) => new Date(newYear.getTime() + count * 60_000);
const question = (given: Partial<PromotionQuestion> = {}): PromotionQuestion => ({
  environment: 'production',
  release: order.release,
  label: 'v1',
  sharedConfig: order.sharedConfig,
  differingNames: [],
  soakMinutes: 30,
  now: minutes(30),
  ...given,
});
/** A receipt of staging's order n, given at a minute. */
const receipt = (n: number, minute: number, given: Partial<Receipt> = {}) => ({
  receipt: receiptFor(order, { order: n, at: minutes(minute).toISOString(), ...given }),
  revocation: undefined,
});
const revoked = (n: number, reason: string) => ({
  ...receipt(n, 0),
  revocation: { app: 'shop', environment: 'staging', order: n, release: order.release, reason, at: '' },
});
const evidence = (
  receipts: readonly (ReturnType<typeof receipt> | ReturnType<typeof revoked>)[],
  committed: { order: number; release: string } | null = null,
) => ({ environment: 'staging', receipts, committed });

describe('what lets a release into an environment with an upstream', () => {
  it('is a receipt from there', () => {
    expect(decideBasis(question(), evidence([receipt(3, 0)]))).toEqual({
      kind: 'receipt',
      environment: 'staging',
      order: 3,
    });
  });

  it('is nothing less: without one it is refused, with the command that earns one', () => {
    expect(decideBasis(question(), evidence([]))).toMatchObject({
      kind: 'refused',
      message: 'v1 has not been verified in staging: production takes only what staging has verified',
      fix: 'Run `lockstep deploy staging v1` first.',
    });
  });

  it('is not a receipt that was revoked: the reason of the newest is reported', () => {
    const both = [revoked(3, 'smoke failed: front'), revoked(4, 'smoke failed: cart')];
    expect(decideBasis(question(), evidence(both))).toMatchObject({
      kind: 'refused',
      message: 'the receipt of v1 in staging was revoked: smoke failed: cart',
    });
    expect(decideBasis(question(), evidence([receipt(2, 0), revoked(3, 'broken')]))).toMatchObject({
      order: 2,
    });
  });

  it('is not a receipt for other shared values: what differs is named where it is known', () => {
    const other = [receipt(3, 0, { sharedConfig: digest('other') })];
    expect(decideBasis(question(), evidence(other))).toMatchObject({
      kind: 'refused',
      message: 'v1 was verified in staging with another shared config',
    });
    expect(decideBasis(question({ differingNames: ['COLOUR', 'SIZE'] }), evidence(other))).toMatchObject({
      message: expect.stringContaining('(differs: COLOUR, SIZE)'),
    });
  });

  it('is the newest receipt that fits, whatever lies before and after it', () => {
    const receipts = [receipt(1, 0), receipt(2, 0), receipt(3, 0, { sharedConfig: digest('other') })];
    expect(decideBasis(question(), evidence(receipts))).toMatchObject({ order: 2 });
  });
});

describe('the soak', () => {
  it('runs from the receipt, to the minute, and the refusal says until when', () => {
    const early = question({ now: new Date(minutes(30).getTime() - 1) });
    expect(decideBasis(early, evidence([receipt(3, 0)]))).toMatchObject({
      kind: 'refused',
      retry: true,
      message: `v1 has been verified in staging for less than 30 min (order 3, ${newYear.toISOString()})`,
      fix: `Wait 1 more min (until ${minutes(30).toISOString()}), or give --override-reason.`,
    });
    expect(decideBasis(question(), evidence([receipt(3, 0)]))).toMatchObject({ order: 3 });
    expect(decideBasis(question({ now: minutes(12) }), evidence([receipt(3, 0)]))).toMatchObject({
      fix: expect.stringContaining('Wait 18 more min'),
    });
  });

  it('runs from the newest fitting receipt: an older one has not soaked for it', () => {
    expect(decideBasis(question(), evidence([receipt(3, 0), receipt(4, 10)]))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('(order 4,'),
    });
  });

  it('runs anew from the receipt of what the upstream runs now, also where an older or newer one has soaked', () => {
    const receipts = [receipt(3, 0), receipt(4, 10), receipt(5, 0)];
    const now = { order: 4, release: order.release };
    expect(decideBasis(question(), evidence(receipts, now))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('(order 4,'),
    });
    expect(decideBasis(question({ now: minutes(40) }), evidence(receipts, now))).toMatchObject({ order: 4 });
  });

  it('does not run from an order of the upstream that holds another release', () => {
    const receipts = [receipt(3, 0), receipt(4, 10), receipt(5, 0)];
    const now = { order: 4, release: digest('another') };
    expect(decideBasis(question(), evidence(receipts, now))).toMatchObject({ order: 5 });
  });
});
