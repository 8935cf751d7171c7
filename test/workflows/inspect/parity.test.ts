import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../scripts/domain/parity/parity.ts';
import { type Compared, compareEnvironments } from '../../../scripts/workflows/inspect/parity.ts';
import { change, deploy, errorOf, promote } from '../../support/fakes/fake-changes.ts';
import { type FakeEnvironment, fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

const compared = (environment: FakeEnvironment): Compared => ({
  environment,
  listed: [],
  wantedHosts: 2,
  hostsAreLocal: true,
});
const verdictOf = (findings: readonly Finding[], between: string, facet: string) =>
  findings.filter((each) => each.between === between && each.facet === facet).map(({ verdict }) => verdict);

/** Staging and production of one world, both on v1; v2 is built. */
async function chain() {
  const world = fakeWorld();
  await world.build('v1');
  const v2 = await world.build('v2', { migration: '2' });
  const [staging, production] = [fakeEnvironment(world, 'staging'), fakeEnvironment(world, 'production')];
  await deploy(staging, 'v1');
  await promote(production);
  return { world, staging, production, v2 };
}

describe('parity', () => {
  it('holds each environment against its own order, and each against its upstream', async () => {
    const { staging, production } = await chain();
    const { findings, inStep } = await compareEnvironments([compared(staging), compared(production)]);
    expect(inStep).toBe(true);
    expect([...new Set(findings.map(({ between }) => between))]).toEqual([
      'staging',
      'production',
      'production / staging',
    ]);
  });

  it('asks every host of every environment the same question, so that secrets can be compared', async () => {
    const { staging, production } = await chain();
    const nonces = new Set<string>();
    for (const { fleet } of [staging, production]) {
      const call = fleet.call.bind(fleet);
      fleet.call = (host, verb, request) => {
        if ('nonce' in request) nonces.add(request.nonce);
        return call(host, verb, request);
      };
    }
    await compareEnvironments([compared(production), compared(staging)]);
    expect(nonces.size).toBe(1);
  });

  it('calls a release that upstream has verified and left behind, and one that it never verified a divergence', async () => {
    const { staging, production } = await chain();
    await deploy(staging, 'v2');
    const behind = await compareEnvironments([compared(staging), compared(production)]);
    expect(verdictOf(behind.findings, 'production / staging', 'release')).toEqual(['behind']);
    expect(behind.inStep).toBe(true);

    const other = await chain();
    await change(other.production, { kind: 'deploy', tag: 'v2', overrideReason: 'the shop is down' });
    const diverged = await compareEnvironments([compared(other.staging), compared(other.production)]);
    expect(verdictOf(diverged.findings, 'production / staging', 'release')).toEqual(['divergence']);
    expect(diverged.inStep).toBe(false);
  });

  it('is not explained by a receipt that was revoked', async () => {
    const { staging, production } = await chain();
    staging.fleet.fail('staging-1', 'suite-fails');
    await errorOf(deploy(staging, 'v1'));
    staging.fleet.fail('staging-1', undefined);
    await deploy(staging, 'v2');
    const { findings } = await compareEnvironments([compared(staging), compared(production)]);
    expect(verdictOf(findings, 'production / staging', 'release')).toEqual(['divergence']);
  });

  it('explains shared values that differ by a receipt that carries those of the downstream', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging', { values: { COLOUR: 'red' } });
    const production = fakeEnvironment(world, 'production', { values: { COLOUR: 'red' } });
    await deploy(staging, 'v1');
    await promote(production);
    const blue = { ...staging, values: { COLOUR: 'blue' } };
    await deploy(blue, null);
    const { findings } = await compareEnvironments([compared(blue), compared(production)]);
    expect(verdictOf(findings, 'production / staging', 'config')).toEqual(['behind']);
    await change(
      { ...production, values: { COLOUR: 'green' } },
      {
        kind: 'deploy',
        tag: 'v1',
        overrideReason: 'a test',
      },
    );
    const other = await compareEnvironments([compared(blue), compared(production)]);
    expect(verdictOf(other.findings, 'production / staging', 'config')).toEqual(['divergence']);
  });

  it('names a host that does not answer, with the reason', async () => {
    const { staging } = await chain();
    staging.fleet.fail('staging-2', 'unreachable');
    const { findings, inStep } = await compareEnvironments([compared(staging)]);
    expect(inStep).toBe(false);
    expect(findings[0]).toMatchObject({
      facet: 'hosts',
      host: 'staging-2',
      detail: 'staging-2 does not answer: it is switched off',
    });
  });

  it('says of an environment without an order just that, and compares nothing with it', async () => {
    const { world, staging } = await chain();
    const qa = fakeEnvironment(world, 'qa');
    const { findings, inStep } = await compareEnvironments([compared(staging), compared(qa)]);
    expect(findings.filter(({ between }) => between !== 'staging')).toEqual([
      { facet: 'release', between: 'qa', host: null, verdict: 'listed', detail: 'nothing committed yet' },
    ]);
    expect(inStep).toBe(true);
  });

  it('compares nothing with an upstream that has no order', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const [staging, production] = [fakeEnvironment(world, 'staging'), fakeEnvironment(world, 'production')];
    await change(production, { kind: 'deploy', tag: 'v1', overrideReason: 'a test' });
    const { findings } = await compareEnvironments([compared(staging), compared(production)]);
    expect(findings.filter(({ between }) => between.includes('/'))).toEqual([]);
  });

  it('holds the second against the first of two that are not linked, and of more only those that are', async () => {
    const { world, staging, production } = await chain();
    const qa = fakeEnvironment(world, 'qa');
    await promote(qa);
    const pairsOf = async (...environments: FakeEnvironment[]) => {
      const { findings } = await compareEnvironments(environments.map(compared));
      return [...new Set(findings.map(({ between }) => between))].filter((each) => each.includes('/'));
    };
    expect(await pairsOf(production, qa)).toEqual(['qa / production']);
    expect(await pairsOf(qa, production, staging)).toEqual(['qa / staging', 'production / staging']);
    expect(await pairsOf(staging)).toEqual([]);
  });
});
