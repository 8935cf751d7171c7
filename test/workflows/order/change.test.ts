import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import type { ChangeRequest } from '../../../scripts/domain/order/change-request.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { readStatus } from '../../../scripts/workflows/inspect/status.ts';
import { changeEnvironment } from '../../../scripts/workflows/order/change.ts';
import { type FakeEnvironment, fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

/** The order of the rollout over fakes; what only real hosts and a real balancer can show is in test/e2e. */
const run = (environment: FakeEnvironment, request: ChangeRequest, signal = new AbortController().signal) =>
  changeEnvironment({ environment, actor: { owner: 'ann', run: `run-${Math.random()}` }, signal, request });

const deploy = (environment: FakeEnvironment, tag: string | null, reason: string | null = null) =>
  run(environment, { kind: 'deploy', tag, overrideReason: reason });
const promote = (environment: FakeEnvironment) => run(environment, { kind: 'promote', overrideReason: null });
const rollback = (environment: FakeEnvironment, withSecrets = false) =>
  run(environment, { kind: 'rollback', withSecrets });

async function errorOf(work: Promise<unknown>): Promise<LockstepError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LockstepError)) throw new Error(`expected a LockstepError, got ${String(error)}`);
  return error;
}

describe('a deploy', () => {
  it('stages on every host before it switches any, then switches one at a time, and commits', async () => {
    const world = fakeWorld();
    const release = await world.build('v1');
    const staging = fakeEnvironment(world, 'staging', { hosts: 3 });
    const result = await deploy(staging, 'v1');
    expect(result).toMatchObject({
      kind: 'changed',
      order: { number: 1, release, basis: { kind: 'first-in-chain' } },
    });
    const firstActivate = staging.fleet.calls.findIndex((call) => call.endsWith('activate'));
    expect(staging.fleet.calls.slice(0, firstActivate).filter((call) => call.endsWith('stage'))).toHaveLength(
      3,
    );
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2', 'staging-3']);
    const records = recordsOf(staging);
    expect(await records.outcome(1)).toMatchObject({
      result: 'committed',
      suites: [{ suite: 'front' }, {}, {}],
    });
    expect(await records.receipt(release, 1)).toMatchObject({ release, order: 1 });
    expect(await records.hint()).toBe(1);
  });

  it('never takes the last serving host out of rotation', async () => {
    const world = fakeWorld();
    await world.build('v1');
    await world.build('v2', { migration: '2' });
    const staging = fakeEnvironment(world, 'staging', { hosts: 2 });
    await deploy(staging, 'v1');
    staging.traffic.fewest = Number.POSITIVE_INFINITY;
    await deploy(staging, 'v2');
    expect(staging.traffic.fewest).toBe(1);
  });

  it('is refused where it would leave no capacity, unless downtime is allowed', async () => {
    const world = fakeWorld();
    await world.build('v1');
    await world.build('v2', { migration: '2' });
    const single = fakeEnvironment(world, 'staging', { hosts: 1 });
    await deploy(single, 'v1');
    const error = await errorOf(deploy(single, 'v2'));
    expect(error).toMatchObject({ kind: 'refused' });
    expect(error.message).toContain('no host in rotation');
    const allowed = { ...single, rollout: { ...single.rollout, allowDowntime: true } };
    expect(await deploy(allowed, 'v2')).toMatchObject({ kind: 'changed' });
  });

  it('rolls hosts that appear during the roll before it commits', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging', { hosts: 1 });
    staging.fleet.onCall = (_host, verb) => {
      if (verb === 'activate' && !staging.fleet.hosts.has('staging-9')) staging.fleet.add('staging-9');
    };
    await deploy(staging, 'v1');
    expect(staging.fleet.hosts.get('staging-9')?.order).toBe(1);
    expect(staging.traffic.in.has('staging-9')).toBe(true);
  });

  it('refuses a tag that was never built and a service that must run exactly once', async () => {
    const world = fakeWorld();
    const staging = fakeEnvironment(world, 'staging');
    expect(await errorOf(deploy(staging, 'v9'))).toMatchObject({
      kind: 'refused',
      fix: expect.stringContaining('build v9'),
    });
    const bot = {
      command: ['bot'],
      workers: 1,
      replicas: 'exactly-one' as const,
      stopSignal: 'SIGTERM' as const,
      stopTimeoutSeconds: 1,
    };
    await world.build('v1', { services: { bot } });
    expect((await errorOf(deploy(staging, 'v1'))).message).toContain('exactly-one');
  });

  it('names a missing secret with the command that supplies it, and writes no order', async () => {
    const world = fakeWorld();
    await world.build('v1', { secrets: { SESSION_KEY: { perEnvironment: true } } });
    const staging = fakeEnvironment(world, 'staging');
    const error = await errorOf(deploy(staging, 'v1'));
    expect(error.fix).toBe('lockstep secret set staging SESSION_KEY');
    expect(await recordsOf(staging).order(1)).toBeUndefined();
  });
});

describe('a failing deploy', () => {
  it('halts at the canary, goes back, and leaves the other hosts as they were', async () => {
    const world = fakeWorld();
    const v1 = await world.build('v1');
    const v2 = await world.build('v2', { migration: '2' });
    const staging = fakeEnvironment(world, 'staging', { hosts: 3 });
    await deploy(staging, 'v1');
    const first = staging.fleet.hosts.get('staging-1');
    if (first === undefined) throw new Error('no host');
    first.fault = (release) => (release === v2 ? 'unhealthy' : undefined);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error).toMatchObject({ kind: 'failed' });
    expect(error.details).toEqual(
      expect.arrayContaining(['boom', expect.stringContaining('went back to v1')]),
    );
    const records = recordsOf(staging);
    expect(await records.outcome(2)).toMatchObject({ result: 'failed' });
    expect(await records.entry(3)).toMatchObject({
      order: { release: v1, basis: { kind: 'return', order: 1 } },
      outcome: { result: 'committed' },
    });
    expect(staging.fleet.hosts.get('staging-2')).toMatchObject({ restarts: 1, order: 3 });
    expect([...staging.traffic.in]).toHaveLength(3);
  });

  it('goes back when a smoke suite fails on a host, with the failing suite in the message', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const v2 = await world.build('v2', { migration: '2' });
    const staging = fakeEnvironment(world, 'staging');
    await deploy(staging, 'v1');
    for (const host of staging.fleet.hosts.values())
      host.fault = (release) => (release === v2 ? 'suite-fails' : undefined);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.message).toContain('front');
    expect((await recordsOf(staging).lastCommitted())?.tag).toBe('v1');
  });

  it('says truthfully on which hosts going back did not work', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const v2 = await world.build('v2', { migration: '2' });
    const staging = fakeEnvironment(world, 'staging');
    await deploy(staging, 'v1');
    const first = staging.fleet.hosts.get('staging-1');
    if (first === undefined) throw new Error('no host');
    first.fault = (release) => (release === v2 ? 'unhealthy' : undefined);
    staging.fleet.onCall = (host, verb) => {
      // Dies at the moment when it should go back.
      if (host === 'staging-1' && verb === 'stage' && first.order === 2) first.fault = () => 'unreachable';
    };
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.details.join('\n')).toContain('did NOT work on 1 of 2 hosts');
    expect(error.details.join('\n')).toContain('staging-1 does not answer');
    expect(await recordsOf(staging).outcome(3)).toMatchObject({ result: 'failed' });
  });

  it('stops the services where nothing was ever committed', async () => {
    const world = fakeWorld();
    const v1 = await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    for (const host of staging.fleet.hosts.values())
      host.fault = (release) => (release === v1 ? 'unhealthy' : undefined);
    const error = await errorOf(deploy(staging, 'v1'));
    expect(error.details.join()).toContain('services are stopped');
    expect([...staging.fleet.hosts.values()].map(({ order }) => order)).toEqual([null, null]);
  });

  it('does not begin while a host does not answer, and names it', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    const second = staging.fleet.hosts.get('staging-2');
    if (second === undefined) throw new Error('no host');
    second.fault = () => 'unreachable';
    const error = await errorOf(deploy(staging, 'v1'));
    expect(error.message).toContain('staging-2 does not answer');
    expect(error.details.join()).toContain('no host was switched');
    expect(staging.fleet.calls.some((call) => / (de)?activate$/.test(call))).toBe(false);
  });
});

describe('a redeploy of what is committed', () => {
  it('verifies again and writes no order while every host matches', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    await deploy(staging, 'v1');
    expect(await deploy(staging, 'v1')).toMatchObject({ kind: 'confirmed', order: { number: 1 } });
    expect(await deploy(staging, null)).toMatchObject({ kind: 'confirmed' });
    expect(await recordsOf(staging).order(2)).toBeUndefined();
  });

  it('writes a new order for a damaged host and restarts that host alone', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    await deploy(staging, 'v1');
    const second = staging.fleet.hosts.get('staging-2');
    if (second === undefined) throw new Error('no host');
    second.fault = () => (second.restarts < 2 ? 'damaged' : undefined);
    expect(await deploy(staging, 'v1')).toMatchObject({ kind: 'changed', order: { number: 2 } });
    expect([...staging.fleet.hosts.values()].map(({ restarts }) => restarts)).toEqual([1, 2]);
  });

  it('revokes the receipt when its suites fail now, and the next redeploy is a new order', async () => {
    const world = fakeWorld();
    const release = await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    await deploy(staging, 'v1');
    for (const host of staging.fleet.hosts.values()) host.fault = () => 'suite-fails';
    expect((await errorOf(deploy(staging, 'v1'))).message).toContain('its receipt is revoked');
    expect(await recordsOf(staging).revocation(release, 1)).toMatchObject({ order: 1 });
    const production = fakeEnvironment(world, 'production');
    expect((await errorOf(promote(production))).message).toContain('was revoked');
    for (const host of staging.fleet.hosts.values()) host.fault = () => undefined;
    expect(await deploy(staging, 'v1')).toMatchObject({ kind: 'changed', order: { number: 2 } });
    expect(await promote(production)).toMatchObject({ kind: 'changed' });
  });

  it('with other env values is a roll of its own, without another release', async () => {
    const world = fakeWorld();
    const release = await world.build('v1');
    const staging = fakeEnvironment(world, 'staging', { values: { COLOUR: 'red' } });
    await deploy(staging, 'v1');
    const changed = { ...staging, values: { COLOUR: 'blue' } };
    expect(await deploy(changed, null)).toMatchObject({
      kind: 'changed',
      order: { number: 2, release, tag: 'v1' },
    });
  });

  it('with a new secret version is a roll of its own', async () => {
    const world = fakeWorld();
    await world.build('v1', { secrets: { KEY: { perEnvironment: true } } });
    world.secrets.set('staging', [{ name: 'KEY', version: 1 }]);
    const staging = fakeEnvironment(world, 'staging');
    await deploy(staging, 'v1');
    world.secrets.set('staging', [{ name: 'KEY', version: 2 }]);
    expect(await deploy(staging, null)).toMatchObject({ order: { secrets: [{ name: 'KEY', version: 2 }] } });
  });
});

describe('a promotion', () => {
  it('refuses a release not verified upstream and takes it once it is', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    const production = fakeEnvironment(world, 'production', { hosts: 3 });
    expect(await errorOf(deploy(production, 'v1'))).toMatchObject({
      kind: 'refused',
      fix: 'Run `lockstep deploy staging v1` first.',
    });
    await deploy(staging, 'v1');
    expect(await promote(production)).toMatchObject({
      order: { tag: 'v1', basis: { kind: 'receipt', environment: 'staging', order: 1 } },
    });
  });

  it('waits for the soak and says until when', async () => {
    const world = fakeWorld();
    await world.build('v1');
    await deploy(fakeEnvironment(world, 'staging'), 'v1');
    const production = fakeEnvironment(world, 'production', { soakMinutes: 30 });
    const error = await errorOf(promote(production));
    expect(error).toMatchObject({
      kind: 'refused',
      retry: true,
      fix: expect.stringContaining('30 more min'),
    });
    world.clock.advance(30 * 60_000);
    expect(await promote(production)).toMatchObject({ kind: 'changed' });
  });

  it('refuses another shared config and names what differs', async () => {
    const world = fakeWorld();
    await world.build('v1');
    await deploy(fakeEnvironment(world, 'staging', { values: { COLOUR: 'red' } }), 'v1');
    const production = fakeEnvironment(world, 'production', { values: { COLOUR: 'blue', PUBLIC_NAME: 'p' } });
    const error = await errorOf(promote(production));
    expect(error.message).toContain('differs: COLOUR');
    expect(error.message).not.toContain('PUBLIC_NAME');
  });

  it('with an override goes through and shows the reason in the order', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const production = fakeEnvironment(world, 'production');
    const result = await deploy(production, 'v1', 'the shop is down');
    expect(result.order.basis).toEqual({ kind: 'override', reason: 'the shop is down' });
  });
});

describe('a rollback', () => {
  it('goes to the previous release, and a second one goes further back and not forward again', async () => {
    const world = fakeWorld();
    const staging = fakeEnvironment(world, 'staging');
    for (const tag of ['v1', 'v2', 'v3']) {
      await world.build(tag, { migration: tag });
      await deploy(staging, tag);
    }
    expect(await rollback(staging)).toMatchObject({
      order: { tag: 'v2', basis: { kind: 'rollback', order: 2 } },
    });
    expect(await rollback(staging)).toMatchObject({
      order: { tag: 'v1', basis: { kind: 'rollback', order: 1 } },
    });
    expect((await errorOf(rollback(staging))).message).toContain('no earlier release');
    expect(staging.said.join('\n')).toContain('a migration lies in between');
  });

  it('restores the earlier env values, keeps the current secrets, and never restores a retired version', async () => {
    const world = fakeWorld();
    await world.build('v1', { secrets: { KEY: { perEnvironment: true } } });
    world.secrets.set('staging', [{ name: 'KEY', version: 1 }]);
    const staging = fakeEnvironment(world, 'staging', { values: { COLOUR: 'red' } });
    const { order: first } = await deploy(staging, 'v1');
    world.secrets.set('staging', [{ name: 'KEY', version: 2 }]);
    const later = { ...staging, values: { COLOUR: 'blue' } };
    await deploy(later, null);
    world.retired.add('KEY@1');
    expect(await errorOf(rollback(later, true))).toMatchObject({ kind: 'refused' });
    expect(await rollback(later)).toMatchObject({
      order: { config: first.config, secrets: [{ name: 'KEY', version: 2 }] },
    });
  });
});

describe('an interrupted or dead deployer', () => {
  it('when interrupted finishes the current host, closes the order as abandoned and frees the lease', async () => {
    const world = fakeWorld();
    await world.build('v1');
    await world.build('v2', { migration: '2' });
    const staging = fakeEnvironment(world, 'staging', { hosts: 3 });
    await deploy(staging, 'v1');
    const stop = new AbortController();
    staging.fleet.onCall = (host, verb) => {
      if (host === 'staging-1' && verb === 'activate') stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
    };
    const error = await errorOf(
      run(staging, { kind: 'deploy', tag: 'v2', overrideReason: null }, stop.signal),
    );
    expect(error.kind).toBe('interrupted');
    expect(error.details.join('\n')).toMatch(/staging-1: order 2.*runs the new content/);
    expect(error.details.join('\n')).toMatch(/staging-3: order 1.*does not run the new content/);
    expect([...staging.traffic.in]).toHaveLength(3);
    expect(await recordsOf(staging).outcome(2)).toMatchObject({ result: 'abandoned' });
    expect((await readStatus(staging)).lease).toBeNull();
    staging.fleet.onCall = () => {};
    expect(await deploy(staging, 'v2')).toMatchObject({ kind: 'changed', order: { number: 3 } });
    expect(staging.fleet.hosts.get('staging-1')?.restarts).toBe(2);
  });

  it('when dead is taken over only after its lease has run out, and its order is closed and superseded', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const dying = fakeEnvironment(world, 'staging');
    const reached = Promise.withResolvers<void>();
    dying.fleet.onCall = (_host, verb) => {
      if (verb !== 'activate') return;
      reached.resolve();
      return new Promise(() => {}); // never goes on, never renews: its clock stands still
    };
    const frozen = { ...dying, ports: { ...dying.ports, clock: fakeWorld().clock } };
    void run(frozen, { kind: 'deploy', tag: 'v1', overrideReason: null });
    await reached.promise;

    const next = fakeEnvironment(world, 'staging');
    const taken = deploy(next, 'v1');
    let over = false;
    void taken.finally(() => {
      over = true;
    });
    for (let second = 0; second < 59; second++) await tick(world.clock);
    expect(over).toBe(false);
    expect(await recordsOf(next).outcome(1)).toBeUndefined();
    for (let second = 0; second < 10 && !over; second++) await tick(world.clock);
    expect(await taken).toMatchObject({ kind: 'changed', order: { number: 2 } });
    expect(await recordsOf(next).outcome(1)).toMatchObject({ result: 'abandoned' });
    expect(next.said.join('\n')).toContain('left open');
  });

  it('when alive is not disturbed: the second deployer is refused by name', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const busy = fakeEnvironment(world, 'staging');
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    busy.fleet.onCall = (_host, verb) => {
      if (verb !== 'activate') return;
      reached.resolve();
      return goOn.promise;
    };
    const first = deploy(busy, 'v1');
    await reached.promise;
    const second = errorOf(deploy(fakeEnvironment(world, 'staging'), 'v1'));
    for (let tenths = 0; tenths < 30; tenths++) await tick(world.clock);
    expect(await second).toMatchObject({ kind: 'refused', message: expect.stringContaining('ann') });
    goOn.resolve();
    expect(await first).toMatchObject({ kind: 'changed' });
  });
});

/** A second of fake time, and everything that it sets free. */
async function tick(clock: { advance(milliseconds: number): void }): Promise<void> {
  clock.advance(1000);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
