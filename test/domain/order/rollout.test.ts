import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { type HostState, planBatches } from '../../../scripts/domain/order/rollout.ts';

const serving = (...names: string[]): HostState[] => names.map((name) => ({ name, serving: true }));
const idle = (...names: string[]): HostState[] => names.map((name) => ({ name, serving: false }));
const plan = (hosts: readonly HostState[], batchSize = 1, allowDowntime = false) =>
  planBatches(hosts, { batchSize, allowDowntime });

describe('the batches of a roll', () => {
  it('begin with one host alone, whatever the batch size, then go on in the order of names', () => {
    expect(plan(serving('d', 'b', 'a', 'e', 'c'), 2)).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
    expect(plan(serving('a', 'b', 'c'), 10)).toEqual([['a'], ['b', 'c']]);
  });

  it('begin with hosts that serve nothing: they cost nothing, and one of them is the canary', () => {
    expect(plan([...serving('a', 'b'), ...idle('z', 'y')])).toEqual([['y'], ['z'], ['a'], ['b']]);
    expect(plan([...serving('a', 'b'), ...idle('z')], 2)).toEqual([['z'], ['a', 'b']]);
  });

  it('are none where there are no hosts', () => {
    expect(plan([])).toEqual([]);
  });
});

describe('the capacity of a roll', () => {
  it('is lost where the only host that serves would be taken out', () => {
    expect(plan(serving('a'))).toMatchObject({
      kind: 'refused',
      message:
        'this roll would leave no host in rotation: 1 of 1 hosts serve, and a would be switched together',
    });
    expect(plan(serving('a'), 1, true)).toEqual([['a']]);
  });

  it('is what hosts switched before give back: the last batch may hold every host that still runs the old', () => {
    expect(plan(serving('a', 'b'))).toEqual([['a'], ['b']]);
    expect(plan(serving('a', 'b', 'c', 'd'), 3)).toEqual([['a'], ['b', 'c', 'd']]);
    expect(plan([...idle('z'), ...serving('a')])).toEqual([['z'], ['a']]);
  });

  it('can not be lost where nothing serves yet', () => {
    expect(plan(idle('a', 'b'))).toEqual([['a'], ['b']]);
    expect(plan(idle('a'))).toEqual([['a']]);
  });

  it('is never all lost, every host is switched once, and only a single serving host alone is refused', () => {
    const hosts = fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), serving: fc.boolean() }), {
      selector: ({ name }) => name,
      maxLength: 12,
    });
    fc.assert(
      fc.property(hosts, fc.integer({ min: 1, max: 5 }), (all, batchSize) => {
        const batches = plan(all, batchSize);
        if (batches instanceof LockstepError) return all.length === 1 && all[0]?.serving === true;
        expect(batches.flat().sort()).toEqual(all.map(({ name }) => name).sort());
        expect(batches.every(({ length }) => length <= batchSize)).toBe(true);
        const servingAtFirst = all.filter((host) => host.serving).map(({ name }) => name);
        return batches.every(
          (batch, index) =>
            servingAtFirst.length === 0 || index > 0 || servingAtFirst.some((name) => !batch.includes(name)),
        );
      }),
    );
  });
});
