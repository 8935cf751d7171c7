import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../../infra/settings/problems/problem.ts';
import { type Base, baseSchema } from '../../../infra/settings/schema/settings-schema.ts';
import { type SolvedTimes, solveTimes } from '../../../infra/times/times.ts';

const stops = { stopTimeoutSeconds: 30, graceSeconds: 30 };
const web = { port: 8080, healthPath: '/health', longestRequestSeconds: 30, ...stops };
type Sections = Partial<Record<keyof Base, unknown>>;

function base(sections: Sections = {}, service: object = {}): Base {
  return baseSchema.parse({
    app: { name: 'intake', services: { web: { ...web, ...service } } },
    ...sections,
  });
}

function solved(settings: Base) {
  const result = solveTimes(settings);
  if (!result.ok) throw new Error(result.chain.join('\n'));
  return result.times;
}

function problemsOf(result: SolvedTimes) {
  return result.ok ? [] : result.problems.map(({ path, fix }) => `${path.join('.')}: ${fix}`);
}

/** Settings whose times are anything up to a share of what the schema takes. */
const settingsUpTo = (share: number) => {
  const seconds = (max: number, min = 1) => fc.integer({ min, max: Math.max(min, Math.floor(max * share)) });
  return fc
    .record({
      service: fc.record({
        longestRequestSeconds: seconds(4000),
        graceSeconds: seconds(3600),
        stopTimeoutSeconds: seconds(3600),
        replicas: fc.constantFrom('many', 'exactly-one'),
      }),
      balancer: fc.record({
        idleTimeoutSeconds: fc.option(seconds(4000)),
        deregistrationDelaySeconds: fc.option(seconds(3600, 0)),
        healthIntervalSeconds: seconds(300, 5),
        healthTimeoutSeconds: seconds(120, 2),
      }),
      fleet: fc.record({ hosts: seconds(20), bootSeconds: seconds(3600, 30) }),
      rollout: fc.record({
        batchSize: seconds(5),
        drainTimeoutSeconds: seconds(3600, 0),
        healthyTimeoutSeconds: fc.integer({ min: 1, max: 3600 }),
      }),
      pipeline: fc.record({
        roleSessionSeconds: fc.integer({ min: 900, max: 43_200 }),
        jobTimeoutMinutes: fc.integer({ min: 5, max: 360 }),
      }),
      llm: fc.constantFrom(
        { mode: 'none' },
        { mode: 'external', baseUrl: 'https://llm.example.com', model: 'm', timeoutSeconds: 100 },
        { mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct', timeoutSeconds: 10 },
      ),
    })
    .map(({ service, ...sections }) => base(sections, service));
};

describe('solveTimes', () => {
  it('solves the defaults', () => {
    expect(solved(base({ llm: { mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct' } }))).toEqual({
      workerTimeoutSeconds: 30,
      llmTimeoutSeconds: 20,
      idleTimeoutSeconds: 40,
      keepAliveSeconds: 45,
      llmIdleTimeoutSeconds: 30,
      deregistrationDelaySeconds: 30,
      drainSeconds: 30,
      unitStopSeconds: { web: 35 },
      launchHookSeconds: 240 + 120 + 30 + 60,
      healthCheckGraceSeconds: 30 + 2 * 10 + 30,
      llmHealthCheckGraceSeconds: 1500,
      rollSeconds: 120 + 4 * (30 + 30 + 30 + 60) + 300,
    });
  });

  it('solves the schema with every default, whatever the app leaves out', () => {
    expect(
      solveTimes(baseSchema.parse({ app: { name: 'a', services: { web: { port: 8080, healthPath: '/' } } } }))
        .ok,
    ).toBe(true);
    expect(solveTimes(baseSchema.parse({ app: { name: 'a', services: { bot: {} } } })).ok).toBe(true);
  });

  it('never answers with times that contradict each other', () => {
    let answered = 0;
    fc.assert(
      fc.property(settingsUpTo(0.05), (each) => {
        const result = solveTimes(each);
        const service = each.app.services.web;
        if (!result.ok || service === undefined) return;
        answered += 1;
        const { times } = result;
        const chain = [
          times.llmTimeoutSeconds ?? 0,
          service.longestRequestSeconds,
          times.idleTimeoutSeconds,
          times.keepAliveSeconds,
        ];
        expect(chain).toEqual([...new Set(chain)].sort((left, right) => left - right));
        expect(times.idleTimeoutSeconds).toBeLessThanOrEqual(4000);
        expect(times.deregistrationDelaySeconds).toBeGreaterThanOrEqual(service.longestRequestSeconds);
        expect(times.deregistrationDelaySeconds).toBeLessThanOrEqual(3600);
        expect(times.launchHookSeconds).toBeLessThanOrEqual(7200);
        expect(times.launchHookSeconds).toBeGreaterThan(each.fleet.bootSeconds + service.graceSeconds);
        expect(times.rollSeconds).toBeLessThanOrEqual(each.pipeline.roleSessionSeconds);
        expect(times.rollSeconds).toBeLessThanOrEqual(each.pipeline.jobTimeoutMinutes * 60);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(answered).toBeGreaterThan(10);
  });

  it('says of every refusal where it stands in the base, with a fix, and in the chain', () => {
    fc.assert(
      fc.property(settingsUpTo(1), (each) => {
        const result = solveTimes(each);
        const broken = result.chain.filter((sentence) => sentence.includes(' is not ')).length;
        expect(result.ok ? 0 : result.problems.length).toBe(broken);
        if (result.ok) return;
        for (const { path, fix, got } of result.problems) {
          expect(valueAt(each, path)).not.toBeUndefined();
          expect(fix).not.toBe('');
          expect(got).toMatch(/\d+ s and \d+ s/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, Sections, object, string]>([
    [
      'a model that outlives the request',
      { llm: { mode: 'external', baseUrl: 'https://llm.example.com', model: 'm', timeoutSeconds: 30 } },
      {},
      'llm.timeoutSeconds: write at most 29, or raise app.services.web.longestRequestSeconds to 31 or more',
    ],
    [
      'an idle time-out as short as the request',
      { balancer: { idleTimeoutSeconds: 30 } },
      {},
      'balancer.idleTimeoutSeconds: write at least 31, or null to have it solved',
    ],
    [
      'a deregistration delay that cuts requests',
      { balancer: { deregistrationDelaySeconds: 29 } },
      {},
      'balancer.deregistrationDelaySeconds: write at least 30, or null to have it solved',
    ],
    [
      'a request longer than any drain',
      { pipeline: { roleSessionSeconds: 43_200, jobTimeoutMinutes: 360 } },
      { longestRequestSeconds: 3601 },
      'app.services.web.longestRequestSeconds: write at most 3600, the longest that a balancer waits',
    ],
    [
      'a health check slower than its interval',
      { balancer: { healthTimeoutSeconds: 10 } },
      {},
      'balancer.healthTimeoutSeconds: write at most 9, or raise balancer.healthIntervalSeconds to 11 or more',
    ],
    [
      'a roll that never sees a healthy host',
      { rollout: { healthyTimeoutSeconds: 19 } },
      {},
      'rollout.healthyTimeoutSeconds: write at least 20, or lower balancer.healthIntervalSeconds or healthyThreshold',
    ],
    [
      'a boot that no hook waits for',
      {
        fleet: { bootSeconds: 3600, stageSeconds: 3600 },
        pipeline: { roleSessionSeconds: 7200, jobTimeoutMinutes: 120 },
      },
      { graceSeconds: 30 },
      'fleet.bootSeconds: lower fleet.bootSeconds, fleet.stageSeconds or graceSeconds of a service by 30 s in total: a launch hook waits 7200 s at most',
    ],
    [
      'a roll longer than the session',
      { pipeline: { roleSessionSeconds: 900 } },
      {},
      'pipeline.roleSessionSeconds: write at least 1020, or raise rollout.batchSize to 2',
    ],
    [
      'a roll longer than the job',
      { pipeline: { jobTimeoutMinutes: 16 } },
      {},
      'pipeline.jobTimeoutMinutes: write at least 17, or raise rollout.batchSize to 2',
    ],
  ])('refuses %s with the numbers and the fix', (_, sections, service, problem) => {
    expect(problemsOf(solveTimes(base(sections, service)))).toEqual([problem]);
  });

  it('counts a host of its own for each service that runs exactly once', () => {
    const bot = { replicas: 'exactly-one', ...stops };
    const both = baseSchema.parse({ app: { name: 'a', services: { web, bot } } });
    expect(solved(both).rollSeconds - solved(base()).rollSeconds).toBe(30 + 30 + 30 + 60);
  });
});
