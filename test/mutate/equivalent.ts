/**
 * A mutant that changes nothing that anyone could see. `was` and `replacement` as `npm run test:mutate`
 * prints them.
 */
export type Equivalent = { file: string; was: string; replacement: string; why: string };

/** An entry whose mutant is killed after all, or is not made any more, fails the run. */
export const equivalents: readonly Equivalent[] = [
  {
    file: 'scripts/domain/order/promotion.ts',
    was: 'chosen === undefined',
    replacement: 'false',
    why: 'a fitting receipt was found above; the throw is for the compiler',
  },
  {
    file: 'scripts/domain/order/promotion.ts',
    was: 'find',
    replacement: 'findLast',
    why: 'an order has one receipt of a release: there is one to find',
  },
  {
    file: 'scripts/domain/order/decide.ts',
    was: 'known.get(name) ?? []',
    replacement: 'known.get(name)!',
    why: 'every wanted name is known here; the fallback is for the compiler',
  },
  {
    file: 'scripts/workflows/order/read-standing.ts',
    was: 'n > 0',
    replacement: 'n >= 0',
    why: 'there is no order 0: its record is not found',
  },
  {
    file: 'scripts/workflows/order/repair.ts',
    was: 'entries.length === 0',
    replacement: '!(entries.length === 0)',
    why: 'read again or not, the last order and the last committed one are the same: closing abandons, it commits nothing',
  },
  {
    file: 'scripts/host/orders/verify-order.ts',
    was: 'value !== undefined && pattern !== undefined',
    replacement: 'value !== undefined',
    why: 'no pattern is the pattern that everything matches',
  },
  {
    file: 'scripts/host/orders/host-records.ts',
    was: 'upstream === null || key === null',
    replacement: 'key === null',
    why: 'a host without an upstream has no key for its receipts; and no receipt lies under the name null',
  },
  {
    file: 'scripts/domain/smoke/suite-check.ts',
    was: 'Object.is(left, right)',
    replacement: 'false',
    why: 'what is the same is equal by the comparison below too; JSON has no NaN',
  },
  {
    file: 'scripts/domain/smoke/suite-request.ts',
    was: 'some',
    replacement: 'every',
    why: 'a content that holds the digest of itself can not be made: the loop runs once',
  },
  {
    file: 'scripts/domain/order/order-check.ts',
    was: 'upstream === null || basis.environment !== upstream',
    replacement: 'basis.environment !== upstream',
    why: 'no environment is called null: the operand is for the compiler',
  },
  {
    file: 'scripts/domain/smoke/suite-check.ts',
    was: 'parseJsonPath(path) ?? []',
    replacement: 'parseJsonPath(path)!',
    why: 'the schema has refused paths that can not be parsed; the fallback is for the compiler',
  },
  {
    file: 'scripts/domain/parity/parity-own.ts',
    was: 'startedAt !== null && activatedAt !== null',
    replacement: 'startedAt !== null',
    why: 'Date.parse of null is no number, and nothing is older than that: the condition is for the compiler',
  },
  {
    file: 'scripts/domain/parity/parity-own.ts',
    was: 'startedAt !== null && activatedAt !== null',
    replacement: 'activatedAt !== null',
    why: 'as before',
  },
  {
    file: 'scripts/workflows/order/confirm-running.ts',
    was: "failure?.split('\\n') ?? []",
    replacement: "failure?.split('\\n')!",
    why: 'a suite that failed has a failure; the fallback is for the compiler',
  },
  {
    file: 'scripts/workflows/order/lease.ts',
    was: '(durationSeconds * 1000) / 10',
    replacement: '(durationSeconds * 1000) * 10',
    why: 'only how often a waiting deployer looks, once a second at most either way',
  },
  {
    file: 'scripts/workflows/order/lease.ts',
    was: 'durationSeconds * 1000',
    replacement: 'durationSeconds / 1000',
    why: 'only how often a waiting deployer looks',
  },
];
