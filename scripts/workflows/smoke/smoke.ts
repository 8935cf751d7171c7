import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { publicService } from '../../domain/app/manifest-names.ts';
import { failed } from '../../domain/errors.ts';
import type { SuiteResult } from '../../domain/order/order.ts';
import { planCrossing } from '../../domain/smoke/crossing.ts';
import type { Suite } from '../../domain/smoke/suite.ts';
import { renderFailure } from '../../domain/smoke/suite-failure.ts';
import type { Environment } from '../environment/environment.ts';
import type { Clock } from '../ports/clock.ts';
import type { Fleet } from '../ports/hosts.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Probe } from '../ports/traffic.ts';
import { runSessions, type SessionPlan, type SessionResult } from './smoke-session.ts';

export type Travels = Suite['travels'];

export const everyTravel: readonly Travels[] = ['each-host', 'crossing', 'through-balancer'];

/** The part of an environment that suites need. */
export type SmokeEnvironment = Pick<Environment, 'name' | 'balancerCookies'> & {
  ports: { fleet: Pick<Fleet, 'call'>; probe: Probe; clock: Pick<Clock, 'now'> };
};

export type SmokeRun = {
  environment: SmokeEnvironment;
  manifest: AppManifest;
  /** Default: all suites of the manifest. */
  suites?: readonly Suite[];
  /** Where `each-host` and `crossing` suites go: one host during a roll, all of them after it. */
  hosts: readonly string[];
  which: readonly Travels[];
  signal?: AbortSignal;
  reporter?: Pick<Reporter, 'step'>;
};

/**
 * Runs the suites that may run in this environment and travel in one of the ways of `which`, one result each,
 * in the manifest's order. A failing suite doesn't stop the others: the reader should see everything that is
 * broken.
 *
 * @throws only the reason of an aborted signal; anything else that goes wrong is a failure of its suite.
 */
export async function runSuites(run: SmokeRun): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const suite of chooseSuites(run)) {
    run.signal?.throwIfAborted();
    const work = () => runSuite(run, suite);
    const title = `smoke: ${suite.name} (${suite.travels})`;
    results.push(await (run.reporter === undefined ? work() : run.reporter.step(title, work)));
  }
  return results;
}

/** The suites that a run executes. */
export function chooseSuites({
  manifest,
  suites = manifest.smoke,
  environment: { name },
  which,
}: Pick<SmokeRun, 'manifest' | 'suites' | 'environment' | 'which'>): Suite[] {
  return suites.filter(
    (suite) => which.includes(suite.travels) && (suite.in === undefined || suite.in.includes(name)),
  );
}

/**
 * @throws LockstepError failed, naming every suite that did not pass. `where`: a host, or the environment.
 */
export function requirePassed(results: SuiteResult[], where: string): SuiteResult[] {
  const bad = results.filter(({ passed }) => !passed);
  if (bad.length === 0) return results;
  throw failed(`smoke suites failed in ${where}: ${bad.map(({ suite }) => suite).join(', ')}`, {
    details: bad.flatMap(({ failure }) => failure?.split('\n') ?? []),
  });
}

async function runSuite(run: SmokeRun, suite: Suite): Promise<SuiteResult> {
  const service = suite.service ?? publicService(run.manifest) ?? undefined;
  const workers = service === undefined ? 1 : (run.manifest.services[service]?.workers ?? 1);
  const plans = planSessions(run, suite, workers);
  const { environment, signal } = run;
  const { fleet, probe, clock } = environment.ports;
  const sessions = await runSessions(
    {
      suite,
      service: service ?? '',
      workers,
      timeoutSeconds: run.manifest.limits.requestSeconds,
      droppedCookies: suite.travels === 'crossing' ? environment.balancerCookies : [],
      fleet,
      probe,
      clock,
      signal,
    },
    plans,
    { stopTogether: suite.travels !== 'each-host' },
  );
  const broken = sessions.flatMap((session, index) =>
    session.failure === null ? [] : [render(session, plans[index]?.note ?? null)],
  );
  // Another pass over the same hosts would only repeat it; another host may be broken in its own way.
  const failures = suite.travels === 'each-host' ? broken : broken.slice(0, 1);
  return {
    suite: suite.name,
    travels: suite.travels,
    passed: failures.length === 0 && plans.length > 0,
    requests: sessions.reduce((sum, { requests }) => sum + requests, 0),
    failure:
      plans.length === 0
        ? 'there was no host to run the suite on'
        : failures.length === 0
          ? null
          : failures.join('\n'),
  };
}

/** `note`: what the reader of a failure should know about how it was found. */
type NotedPlan = SessionPlan & { note: string | null };

function planSessions({ hosts }: SmokeRun, suite: Suite, workers: number): NotedPlan[] {
  const everyStep = <T>(value: T) => suite.steps.map(() => value);
  switch (suite.travels) {
    case 'through-balancer':
      return [{ route: everyStep(null), pass: null, note: null }];
    case 'each-host':
      return hosts.map((host) => ({ route: everyStep(host), pass: null, note: null }));
    case 'crossing': {
      const { passes, singleWorkerLikelihood } = planCrossing(hosts, suite.steps.length, workers);
      const note =
        workers === 1
          ? null
          : `likelihood that ${passes.length} passes met only one of a host's ${workers} workers: ${percent(singleWorkerLikelihood)}, if hosts distribute connections evenly`;
      return passes.map((route, index) => ({ route, pass: `pass ${index + 1} of ${passes.length}`, note }));
    }
  }
}

function render({ failure }: SessionResult, note: string | null): string {
  const text = failure === null ? '' : renderFailure(failure);
  return note === null ? text : `${text}\n  note     ${note}`;
}

function percent(likelihood: number): string {
  return `${(likelihood * 100).toPrecision(2)} %`;
}
