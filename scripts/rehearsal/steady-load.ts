import type { AppManifest } from '../domain/app/app-manifest.ts';
import type { Suite } from '../domain/smoke/suite.ts';
import { renderFailure } from '../domain/smoke/suite-failure.ts';
import type { Clock } from '../workflows/ports/clock.ts';
import type { Fleet } from '../workflows/ports/hosts.ts';
import type { Probe } from '../workflows/ports/traffic.ts';
import { runSessions } from '../workflows/smoke/smoke-session.ts';

export type LoadReport = { requests: number; failures: readonly string[] };

export type SteadyLoad = { stop(): Promise<LoadReport> };

export type LoadOptions = {
  manifest: AppManifest;
  probe: Probe;
  clock: Clock;
  /** Number of concurrent users, each running one session after the other. */
  users: number;
  /** Pause between two sessions of a user. */
  pauseMilliseconds: number;
};

/** No load goes to a host directly: everything travels through the balancer. */
const noHosts: Pick<Fleet, 'call'> = {
  call: () => Promise.reject(new Error('the load goes through the balancer')),
};

/**
 * Users who go through the app's own workflows through the balancer, with cookies, until they are stopped:
 * every suite that crosses hosts or goes through the balancer, step by step. Failures are kept verbatim.
 */
export function startLoad(options: LoadOptions): SteadyLoad {
  const { manifest, clock } = options;
  const suites = manifest.smoke.filter(({ travels }) => travels !== 'each-host');
  const stopped = new AbortController();
  const failures: string[] = [];
  let requests = 0;

  const run = async (suite: Suite) => {
    const service = suite.service ?? manifest.public ?? '';
    const context = {
      suite,
      service,
      clock,
      fleet: noHosts,
      probe: options.probe,
      workers: 1,
      droppedCookies: [],
      timeoutSeconds: manifest.limits.requestSeconds,
    };
    const plans = [{ route: suite.steps.map(() => null), pass: null }];
    for (const session of await runSessions(context, plans, { stopTogether: true })) {
      requests += session.requests;
      if (session.failure !== null) failures.push(renderFailure(session.failure));
    }
  };
  const user = async () => {
    while (!stopped.signal.aborted) {
      for (const suite of suites) await run(suite);
      await clock.wait(options.pauseMilliseconds, stopped.signal).catch(() => {});
    }
  };
  const users = Promise.all(Array.from({ length: suites.length === 0 ? 0 : options.users }, user));
  return {
    async stop() {
      stopped.abort();
      await users;
      return { requests, failures };
    },
  };
}
