import { digestOf } from '../../../scripts/domain/canonical.ts';
import type { Attestation } from '../../../scripts/domain/order/attestation.ts';
import {
  type Order,
  type Outcome,
  outcomeOf,
  type Receipt,
  receiptOf,
} from '../../../scripts/domain/order/order.ts';

/** The digest of a word, so that two of them can be told apart. */
export const digest = (word: string) => digestOf(word);

export const newYear = new Date('2026-01-01T00:00:00.000Z');

/** Order 5 of the shop in production; what matters to a test is given. */
export function sampleOrder(given: Partial<Order> = {}): Order {
  return {
    app: 'shop',
    environment: 'production',
    number: 5,
    previous: digest('order 4'),
    release: digest('release'),
    tag: 'v1',
    config: digest('config'),
    sharedConfig: digest('shared'),
    secrets: [{ name: 'KEY', version: 2 }],
    basis: { kind: 'first-in-chain' },
    by: 'ann',
    at: newYear.toISOString(),
    ...given,
  };
}

/** The outcome that commits an order. */
export function committed(order: Order, given: Partial<Outcome> = {}): Outcome {
  return { ...outcomeOf(order, 'committed', { now: newYear }), ...given };
}

/** A receipt of staging for what an order asks for. */
export function receiptFor(order: Order, given: Partial<Receipt> = {}): Receipt {
  return { ...receiptOf(order, [], newYear), environment: 'staging', ...given };
}

/** What a host attests that carries out the order. */
export function attestationOf(order: Order, given: Partial<Attestation> = {}): Attestation {
  return {
    app: order.app,
    environment: order.environment,
    host: 'host-1',
    nonce: 'n'.repeat(16),
    at: newYear.toISOString(),
    fence: order.number,
    order: order.number,
    release: order.release,
    damage: { changed: [], missing: [], extra: [], count: 0 },
    config: order.config,
    configValues: {},
    secrets: order.secrets.map((each) => ({ ...each, hash: 'h' })),
    bindings: {},
    runtimes: {},
    osPackages: null,
    activatedAt: newYear.toISOString(),
    processes: [{ service: 'web', pid: 1, startedAt: newYear.toISOString(), restarts: 0, lastExit: null }],
    sharedDirectory: null,
    agent: digest('agent'),
    ...given,
  };
}
