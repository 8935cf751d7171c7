import { describe, expect, it } from 'vitest';
import { sharedConfigDigest } from '../../../scripts/domain/app/app-config.ts';
import { type AppManifest, appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import type { ChangeRequest } from '../../../scripts/domain/order/change-request.ts';
import { decide, type EarlierContent, type Standing } from '../../../scripts/domain/order/decide.ts';
import { digest, newYear, receiptFor, sampleOrder } from '../../support/records/sample-order.ts';

const manifestOf = (given: Record<string, unknown> = {}): AppManifest =>
  appManifestSchema.parse({
    name: 'shop',
    services: { web: { command: ['serve'], port: 8080 } },
    public: 'web',
    env: { COLOUR: { required: false }, PUBLIC_NAME: { required: false, perEnvironment: true } },
    secrets: { B_KEY: {}, A_KEY: {} },
    ...given,
  });
const candidateOf = (given: Record<string, unknown> = {}, earlier: EarlierContent | null = null) => ({
  release: digest('release'),
  tag: 'v1',
  manifest: manifestOf(given),
  earlier,
});
const secrets = [
  { name: 'A_KEY', version: 1 },
  { name: 'B_KEY', version: 2 },
  { name: 'LEFT_OVER', version: 1 },
];
const standingOf = (given: Partial<Standing> = {}): Standing => ({
  environment: 'production',
  soakMinutes: 0,
  now: newYear,
  values: { COLOUR: 'red' },
  ownValues: {},
  secrets,
  upstream: null,
  candidate: candidateOf(),
  ...given,
});
const deploy = { kind: 'deploy', tag: 'v1', overrideReason: null } as const;
const rollback = (withSecrets = false): ChangeRequest => ({ kind: 'rollback', withSecrets });
const decided = (standing: Standing, request: ChangeRequest = deploy) =>
  decide(standing, request, () => undefined);
const proposed = (standing: Standing, request: ChangeRequest = deploy) => {
  const decision = decided(standing, request);
  if (decision instanceof LockstepError) throw decision;
  return decision;
};
/** Upstream has verified the candidate with these shared values. */
const upstreamOf = (values: Record<string, string>, verified = values) => {
  const sharedConfig = sharedConfigDigest(manifestOf(), verified);
  const receipt = receiptFor(sampleOrder({ sharedConfig }), { order: 3 });
  return {
    environment: 'staging',
    receipts: [{ receipt, revocation: undefined }],
    committed: { order: 3, release: digest('release') },
    values,
  } satisfies Standing['upstream'];
};

describe('the decision on a deploy', () => {
  it('the candidate with the current values and the newest version of each secret that it declares', () => {
    expect(proposed(standingOf())).toEqual({
      proposal: {
        release: digest('release'),
        tag: 'v1',
        manifest: manifestOf(),
        values: { COLOUR: 'red' },
        secrets: secrets.slice(0, 2),
        basis: { kind: 'first-in-chain' },
      },
      warnings: [],
    });
  });

  it('with an upstream needs a receipt from there for the very values that are shared', () => {
    const values = { COLOUR: 'red', PUBLIC_NAME: 'ours' };
    const own = { PUBLIC_NAME: 'ours' };
    const standing = standingOf({
      values,
      ownValues: own,
      upstream: upstreamOf({ COLOUR: 'red', PUBLIC_NAME: 'theirs' }),
    });
    expect(proposed(standing).proposal.basis).toEqual({ kind: 'receipt', environment: 'staging', order: 3 });
    expect(
      decided(standingOf({ upstream: upstreamOf({ COLOUR: 'blue', PUBLIC_NAME: 'theirs' }) })),
    ).toMatchObject({
      kind: 'refused',
      message: 'v1 was verified in staging with another shared config (differs: COLOUR)',
    });
    const sized = candidateOf({ env: { COLOUR: {}, SIZE: {} } });
    const equalSize = standingOf({
      values: { COLOUR: 'red', SIZE: '1' },
      candidate: sized,
      upstream: upstreamOf({ COLOUR: 'blue', SIZE: '1' }),
    });
    expect(decided(equalSize)).toMatchObject({ message: expect.stringContaining('(differs: COLOUR)') });
    const more = { SIZE: '1', COLOUR: 'blue' };
    expect(decided(standingOf({ upstream: upstreamOf(more) }))).toMatchObject({
      message: expect.stringContaining('(differs: COLOUR, SIZE)'),
    });
  });

  it('names no differing value where upstream has committed nothing, and the release by its digest without a tag', () => {
    const upstream = { ...upstreamOf({}, { COLOUR: 'blue' }), committed: null };
    const standing = standingOf({
      upstream,
      candidate: { ...candidateOf(), tag: null },
    });
    expect(decided(standing)).toMatchObject({
      message: `${digest('release').slice(0, 12)} was verified in staging with another shared config`,
    });
  });

  it('waits for the soak of the environment', () => {
    expect(decided(standingOf({ upstream: upstreamOf({ COLOUR: 'red' }), soakMinutes: 1 }))).toMatchObject({
      kind: 'refused',
      retry: true,
    });
  });

  it.each(['', '  '])('by an override needs a reason: %j is none', (overrideReason) => {
    expect(decided(standingOf({}), { ...deploy, overrideReason })).toMatchObject({
      kind: 'usage',
      message: 'an override needs a reason',
    });
  });

  it('by an override needs no receipt, and keeps the reason as it was given', () => {
    const upstream = { environment: 'staging', receipts: [], committed: null, values: {} };
    const override: ChangeRequest = { ...deploy, overrideReason: 'the shop is down' };
    expect(proposed(standingOf({ upstream }), override).proposal.basis).toEqual({
      kind: 'override',
      reason: 'the shop is down',
    });
  });

  it('is refused for values that the manifest does not take, all at once, also those of the own file', () => {
    const standing = standingOf({
      values: { COLOUR: 'red', SIZE: '1' },
      ownValues: { COLOUR: 'red', SIZE: '1' },
    });
    const refusal = decided(standing);
    expect(refusal).toMatchObject({
      kind: 'usage',
      message: "the env values of production don't match the app manifest of this release",
    });
    const { details } = refusal as LockstepError;
    expect(details.filter((each) => each.includes('SIZE'))).toHaveLength(1);
    expect(details.filter((each) => each.startsWith('env value COLOUR'))).toHaveLength(1);
  });

  it('is refused for secrets without a value, each with the command that gives one', () => {
    expect(decided(standingOf({ secrets: secrets.slice(0, 1) }))).toMatchObject({
      kind: 'refused',
      message: 'production lacks the secret B_KEY',
      fix: 'lockstep secret set production B_KEY',
    });
    expect(decided(standingOf({ secrets: [] }))).toMatchObject({
      message: 'production lacks the secrets B_KEY, A_KEY',
      fix: 'lockstep secret set production B_KEY; lockstep secret set production A_KEY',
    });
  });

  it('is refused for a service that must run exactly once, by name', () => {
    const services = {
      web: { command: ['serve'], port: 8080 },
      bot: { command: ['bot'], replicas: 'exactly-one' },
    };
    for (const request of [deploy, rollback()]) {
      expect(decided(standingOf({ candidate: candidateOf({ services }) }), request)).toMatchObject({
        kind: 'refused',
        message: expect.stringMatching(/^bot: "replicas: exactly-one"/),
      });
    }
  });
});

describe('the decision on a rollback', () => {
  const order = sampleOrder({ number: 2, secrets: [{ name: 'A_KEY', version: 7 }] });
  const earlier: EarlierContent = {
    order,
    values: { COLOUR: 'then' },
    retired: [],
    presentMigration: undefined,
  };

  it('the earlier release and values, with the current secrets, on the basis of the order that is restored', () => {
    expect(proposed(standingOf({ candidate: candidateOf({}, earlier) }), rollback())).toEqual({
      proposal: {
        release: digest('release'),
        tag: 'v1',
        manifest: manifestOf(),
        values: { COLOUR: 'then' },
        secrets: secrets.slice(0, 2),
        basis: { kind: 'rollback', order: 2 },
      },
      warnings: [],
    });
  });

  it('restores earlier secrets only when asked, and never a retired one', () => {
    const standing = standingOf({ candidate: candidateOf({}, earlier) });
    expect(proposed(standing, rollback(true)).proposal.secrets).toEqual(order.secrets);
    const retired = standingOf({ candidate: candidateOf({}, { ...earlier, retired: order.secrets }) });
    expect(decided(retired, rollback(true))).toMatchObject({
      kind: 'refused',
      message: "version 7 of A_KEY is retired and can't be restored",
    });
    expect(proposed(retired, rollback()).proposal.secrets).toEqual(secrets.slice(0, 2));
    expect(decided({ ...standing, secrets: [] }, rollback())).toMatchObject({ kind: 'refused' });
  });

  it('warns where a migration lies between, and says which', () => {
    const between = (then: string | undefined, now: string | undefined, tag: string | null = 'v1') => {
      const migration = then === undefined ? {} : { migration: then };
      const candidate = { ...candidateOf(migration, { ...earlier, presentMigration: now }), tag };
      return proposed(standingOf({ candidate }), rollback()).warnings;
    };
    expect(between('1', '2')).toEqual([
      'a migration lies in between: the data has migration 2, v1 expects migration 1',
    ]);
    expect(between(undefined, '2', null)).toEqual([
      'a migration lies in between: the data has migration 2, the earlier release expects no migration',
    ]);
    expect(between('1', undefined)).toEqual([
      'a migration lies in between: the data has no migration, v1 expects migration 1',
    ]);
    expect(between('2', '2')).toEqual([]);
  });
});

describe('a request for something that is not there', () => {
  const nothing = standingOf({ candidate: null });

  it('is refused with what to do instead', () => {
    expect(decided(nothing, rollback())).toMatchObject({
      kind: 'refused',
      message: 'production has no earlier release to roll back to',
    });
    expect(decided(nothing, { ...deploy, tag: null })).toMatchObject({
      message: 'production has no release yet: there is nothing to redeploy',
    });
    const promote: ChangeRequest = { kind: 'promote', overrideReason: null };
    expect(decided(nothing, promote)).toMatchObject({
      message: 'production is the first of its chain: it has no upstream to promote from',
    });
    const upstream = { environment: 'staging', receipts: [], committed: null, values: {} };
    expect(decided({ ...nothing, upstream }, promote)).toMatchObject({
      message: 'staging has no committed release to promote to production',
      fix: 'Run `lockstep deploy staging TAG` first.',
    });
  });
});
