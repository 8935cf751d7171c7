/** One rule and what breaks it: the text, which stands once in its file, replaced. A test must fail then. */
export type Rule = { name: string; file: string; text: string; replacement: string };

const order = 'scripts/domain/order';
const workflow = 'scripts/workflows/order';

/** Rules that must never go untested: each of these changes went unnoticed once. */
export const rules: readonly Rule[] = [
  {
    name: 'soak runs from the receipt of what upstream runs',
    file: `${order}/promotion.ts`,
    text: '(ofCurrent ?? fitting.at(-1))',
    replacement: 'fitting.at(-1)',
  },
  {
    name: 'soak does not run from any receipt',
    file: `${order}/promotion.ts`,
    text: '(ofCurrent ?? fitting.at(-1))',
    replacement: 'fitting.at(0)',
  },
  {
    name: 'the newest fitting receipt counts',
    file: `${order}/promotion.ts`,
    text: 'fitting.at(-1)',
    replacement: 'fitting.at(0)',
  },
  {
    name: 'the soak is waited for',
    file: `${order}/promotion.ts`,
    text: 'readyAt > now',
    replacement: 'false',
  },
  {
    name: 'the canary goes alone',
    file: `${order}/rollout.ts`,
    text: '[ordered.slice(0, 1)]',
    replacement: '[ordered.slice(0, options.batchSize)]',
  },
  {
    name: 'idle hosts go first',
    file: `${order}/rollout.ts`,
    text: 'Number(left.serving) - Number(right.serving) || ',
    replacement: '',
  },
  {
    name: 'hosts switched before count as capacity',
    file: `${order}/rollout.ts`,
    text: 'left > 0 || switched > 0',
    replacement: 'left > 0',
  },
  {
    name: 'a roll that leaves no capacity is refused',
    file: `${order}/rollout.ts`,
    text: 'if (!someServe)',
    replacement: 'if (false)',
  },
  {
    name: "an outcome is bound to its order's digest",
    file: `${order}/order-check.ts`,
    text: 'outcome.orderDigest === digestOf(earlier)',
    replacement: 'true',
  },
  {
    name: 'a host boots by an outcome bound to its order',
    file: 'scripts/host/orders/host-records.ts',
    text: ' && outcome.orderDigest === digestOf(order)',
    replacement: '',
  },
  {
    name: 'an override needs a reason',
    file: `${order}/order-check.ts`,
    text: "basis.reason.trim() === ''",
    replacement: 'false',
  },
  {
    name: 'an override keeps the reason given',
    file: `${order}/decide.ts`,
    text: "{ kind: 'override', reason: overrideReason }",
    replacement: "{ kind: 'override', reason: 'override' }",
  },
  {
    name: "an attestation answers the asker's nonce",
    file: 'scripts/workflows/environment/attest.ts',
    text: 'attestation.nonce !== nonce || ',
    replacement: '',
  },
  {
    name: "an attestation is the host's own",
    file: 'scripts/workflows/environment/attest.ts',
    text: ' || attestation.host !== host',
    replacement: '',
  },
  {
    name: 'nothing is written after the lease was lost',
    file: `${workflow}/close-failed-order.ts`,
    text: 'if (lost.aborted) return asFailure(lost.reason, environment);',
    replacement: '',
  },
  {
    name: 'nothing is committed after the lease was lost',
    file: `${workflow}/change.ts`,
    text: 'lost.throwIfAborted();',
    replacement: '',
  },
  {
    name: 'a lost lease is not released',
    file: `${workflow}/lease.ts`,
    text: 'if (!lost.signal.aborted) {',
    replacement: 'if (true) {',
  },
  {
    name: 'a deployer that shows life is left alone',
    file: `${workflow}/lease.ts`,
    text: 'seen.etag !== held.etag',
    replacement: 'false',
  },
  {
    name: 'a lease is taken over after its full length only',
    file: `${workflow}/lease.ts`,
    text: 'durationSeconds * 1000) {',
    replacement: 'durationSeconds * 500) {',
  },
  {
    name: 'a host drains before it is switched',
    file: `${workflow}/switch-host.ts`,
    text: 'await drain(progress, host, note);',
    replacement: '',
  },
  {
    name: 'a host whose drain failed is put back',
    file: `${workflow}/switch-host.ts`,
    text: 'await traffic.putIn(host);\n    throw error;',
    replacement: 'throw error;',
  },
  {
    name: 'a switched host is hashed again',
    file: `${workflow}/switch-host.ts`,
    text: 'await requireMatch(environment, host, order);',
    replacement: '',
  },
  {
    name: 'a host is healthy before it is admitted',
    file: `${workflow}/switch-host.ts`,
    text: 'if (!answer.healthy) throw',
    replacement: 'if (false) throw',
  },
  {
    name: 'an admitted host is healthy for the balancer',
    file: `${workflow}/switch-host.ts`,
    text: '!(await traffic.waitHealthy(host, environment.rollout.healthyTimeoutSeconds))',
    replacement: 'false',
  },
  {
    name: 'suites run on a switched host',
    file: `${workflow}/switch-host.ts`,
    text: 'const results = await verifyHost(progress, host);',
    replacement: 'const results: SuiteResult[] = [];',
  },
  {
    name: 'suites run across hosts and through the balancer',
    file: `${workflow}/roll.ts`,
    text: 'results.push(...(await verifyEnvironment(progress, [...done].sort())));',
    replacement: '',
  },
  {
    name: 'every host stages before one is switched',
    file: `${workflow}/roll.ts`,
    text: 'await stageAll(progress, waiting);',
    replacement: '',
  },
  {
    name: 'no receipt for a confirmed order whose suites fail',
    file: `${workflow}/confirm-running.ts`,
    text: 'if (bad.length === 0) {',
    replacement: 'if (true) {',
  },
  {
    name: 'no receipt for a return whose suites fail',
    file: `${workflow}/go-back.ts`,
    text: 'if (failing.length > 0)',
    replacement: 'if (false)',
  },
  {
    name: 'a way back that failed is not committed',
    file: `${workflow}/go-back.ts`,
    text: 'if (bad.size > 0) {',
    replacement: 'if (false) {',
  },
  {
    name: 'a revoked receipt does not verify',
    file: 'scripts/workflows/inspect/status.ts',
    text: ' && (await records.revocation(order.release, order.number)) === undefined',
    replacement: '',
  },
  {
    name: 'status looks at rotation',
    file: 'scripts/workflows/inspect/status.ts',
    text: "committed !== null && rotation !== 'in'",
    replacement: 'false',
  },
  {
    name: 'a revoked receipt is not confirmed again',
    file: `${workflow}/confirm-running.ts`,
    text: 'if ((await records.revocation(committed.release, committed.number)) !== undefined) return undefined;',
    replacement: '',
  },
  {
    name: 'the fence refuses',
    file: 'scripts/host/orders/fence.ts',
    text: 'if (order >= seen) return;',
    replacement: 'return;',
  },
  {
    name: 'the fence only rises',
    file: 'scripts/host/orders/fence.ts',
    text: 'if (found !== undefined && found.value.order >= order) return;',
    replacement: '',
  },
  {
    name: 'a verb looks at the fence',
    file: 'scripts/host/orders/under-fence.ts',
    text: 'await checkFence(host.state, number);',
    replacement: '',
  },
  {
    name: 'the signature of a record is checked',
    file: 'scripts/store/records.ts',
    text: '!isRecordSignedBy(publicKey, kind, record)',
    replacement: 'false',
  },
  {
    name: 'a record is read as it is stored',
    file: 'scripts/store/records.ts',
    text: 'value: stored as z.input<S>',
    replacement: 'value: schema.parse(stored) as z.input<S>',
  },
  {
    name: "an environment's values are those of their digest",
    file: 'scripts/workflows/environment/environment-records.ts',
    text: ' || digestOf(read.value) !== digest',
    replacement: '',
  },
  {
    name: 'the hint only moves forward',
    file: 'scripts/workflows/environment/environment-records.ts',
    text: 'if (read !== undefined && read.value.order >= order) return;',
    replacement: '',
  },
];
