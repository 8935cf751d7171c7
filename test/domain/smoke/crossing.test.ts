import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCrossing, singleWorkerLimit } from '../../../scripts/domain/smoke/crossing.ts';

const hostNames = (count: number) => Array.from({ length: count }, (_, index) => `host-${index + 1}`);

describe('a crossing plan', () => {
  it('sends the steps of a session to the hosts in turn, each session beginning at another host', () => {
    expect(planCrossing(['a', 'b'], 2, 1).passes).toEqual([
      ['a', 'b'],
      ['b', 'a'],
    ]);
  });

  it('asks two workers of one host until both have been met with 999 in 1,000 chances, within one session', () => {
    // Five steps: four chances in a session to meet the other worker; 2^-8 is too likely, 2^-12 is not.
    expect(planCrossing(['a'], 5, 2).passes).toHaveLength(3);
  });

  it('needs no luck where there is one worker', () => {
    expect(planCrossing(['a'], 4, 1)).toEqual({ passes: [['a', 'a', 'a', 'a']], singleWorkerLikelihood: 0 });
  });

  it('parts the first step from the third, which two hosts in strict turn would always share', () => {
    const { passes } = planCrossing(['a', 'b'], 5, 1);
    expect(passes.some((pass) => pass[0] !== pass[2])).toBe(true);
    expect(passes.some((pass) => pass[0] !== pass[4])).toBe(true);
  });

  it('meets every host at every step, parts any two steps, and leaves less than 0.1 % to chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 16 }),
        (count, steps, workers) => {
          const hosts = hostNames(count);
          const { passes, singleWorkerLikelihood } = planCrossing(hosts, steps, workers);
          expect(singleWorkerLikelihood).toBeLessThan(singleWorkerLimit);
          for (const host of hosts) {
            for (let step = 0; step < steps; step++) {
              expect(passes.some((pass) => pass[step] === host)).toBe(true);
            }
            const requests = passes.flat().filter((name) => name === host).length;
            if (workers > 1) expect(workers ** (1 - requests)).toBeLessThan(singleWorkerLimit);
          }
          for (let one = 1; count > 1 && one < steps; one++) {
            for (let other = 0; other < one; other++) {
              expect(passes.some((pass) => pass[one] !== pass[other])).toBe(true);
            }
          }
        },
      ),
    );
  });

  it('has nothing to plan without hosts', () => {
    expect(planCrossing([], 3, 2).passes).toEqual([]);
  });
});
