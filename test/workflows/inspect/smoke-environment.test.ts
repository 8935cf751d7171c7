import { describe, expect, it } from 'vitest';
import { suiteSchema } from '../../../scripts/domain/smoke/suite.ts';
import { smokeEnvironment } from '../../../scripts/workflows/inspect/smoke-environment.ts';
import { changeEnvironment } from '../../../scripts/workflows/order/change.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

const { signal } = new AbortController();
const suite = (name: string, rest: object = {}) =>
  suiteSchema.parse({
    name,
    travels: 'each-host',
    steps: [{ name: 'home', request: { path: '/' } }],
    ...rest,
  });

async function deployed(name = 'staging') {
  const world = fakeWorld();
  const smoke = [suite('front'), suite('stock'), suite('payment', { in: ['production'] })];
  await world.build('v1', { smoke });
  const environment = fakeEnvironment(world, name);
  const request = { kind: 'deploy', tag: 'v1', overrideReason: null } as const;
  await changeEnvironment({ environment, actor: { owner: 'ann', run: 'run-1' }, signal, request });
  environment.fleet.calls.length = 0;
  return environment;
}

describe('smoke of an environment', () => {
  it('runs the suites of the committed release on every host, and asks hosts for nothing else', async () => {
    const environment = await deployed();
    const { order, results } = await smokeEnvironment(environment, undefined, signal);
    expect(order).toMatchObject({ number: 1, tag: 'v1' });
    expect(results.map(({ suite: name, passed }) => [name, passed])).toEqual([
      ['front', true],
      ['stock', true],
    ]);
    expect(new Set(environment.fleet.calls.map((call) => call.split(' ')[1]))).toEqual(new Set(['probe']));
  });

  it('runs one suite by name, and lists those that run here for a name that does not', async () => {
    const environment = await deployed();
    expect((await smokeEnvironment(environment, 'stock', signal)).results).toHaveLength(1);
    await expect(smokeEnvironment(environment, 'payment', signal)).rejects.toMatchObject({
      kind: 'usage',
      message: 'no suite "payment" runs in staging; suites that do: front, stock',
    });
  });

  it('is refused where nothing was ever committed', async () => {
    const environment = fakeEnvironment(fakeWorld(), 'staging');
    await expect(smokeEnvironment(environment, undefined, signal)).rejects.toMatchObject({ kind: 'refused' });
  });
});
