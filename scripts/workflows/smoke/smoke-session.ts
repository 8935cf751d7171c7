import { messageOf } from '../../domain/errors.ts';
import { type CookieJar, cookieHeader, keepCookies } from '../../domain/smoke/cookie-jar.ts';
import type { ProbeError, ProbeRequest, ProbeResponse } from '../../domain/smoke/probe.ts';
import type { SavedValues } from '../../domain/smoke/saved-values.ts';
import type { Step, Suite } from '../../domain/smoke/suite.ts';
import { checkAnswer, type Mismatch, saveFrom } from '../../domain/smoke/suite-check.ts';
import type { StepFailure } from '../../domain/smoke/suite-failure.ts';
import { buildRequest, pathOf } from '../../domain/smoke/suite-request.ts';
import type { Clock } from '../ports/clock.ts';
import type { Fleet } from '../ports/hosts.ts';
import type { Probe } from '../ports/traffic.ts';

/** What the sessions of one suite have in common. */
export type SuiteContext = {
  suite: Suite;
  service: string;
  workers: number;
  timeoutSeconds: number;
  droppedCookies: readonly string[];
  fleet: Pick<Fleet, 'call'>;
  probe: Probe;
  clock: Pick<Clock, 'now'>;
  signal?: AbortSignal | undefined;
};

/** How one session of the suite goes. */
export type SessionPlan = {
  /** The host of each step; null: through the balancer. */
  route: readonly (string | null)[];
  pass: string | null;
};

/** `requests`: sent, the failing one included. A session ends at its first failure. */
export type SessionResult = { requests: number; failure: StepFailure | null };

type Session = SessionResult & { plan: SessionPlan; jar: CookieJar; saved: SavedValues };

/**
 * Runs all sessions side by side, each with its own cookie jar and its own saved values: all of them take one
 * step, then all the next. So a step calls each host's agent once, however many sessions are on that host.
 *
 * @param stopTogether one session's failure ends all after that step: the others would only repeat it.
 */
export async function runSessions(
  context: SuiteContext,
  plans: readonly SessionPlan[],
  { stopTogether }: { stopTogether: boolean },
): Promise<SessionResult[]> {
  const sessions = plans.map<Session>((plan) => ({ plan, jar: [], saved: {}, requests: 0, failure: null }));
  for (const index of context.suite.steps.keys()) {
    context.signal?.throwIfAborted();
    const running = sessions.filter(({ failure }) => failure === null);
    if (stopTogether && running.length < sessions.length) break;
    await runStep(context, running, index);
  }
  return sessions.map(({ requests, failure }) => ({ requests, failure }));
}

async function runStep(context: SuiteContext, sessions: readonly Session[], index: number): Promise<void> {
  const hosts = [...new Set(sessions.map(({ plan }) => plan.route[index] ?? null))];
  await Promise.all(
    hosts.map(async (host) => {
      const here = sessions.filter(({ plan }) => (plan.route[index] ?? null) === host);
      const requests = here.map((session) => prepare(context, session, index));
      const answers = await send(
        context,
        host,
        requests.filter((request): request is ProbeRequest => !('error' in request)),
      );
      for (const [n, session] of here.entries()) {
        const request = requests[n];
        if (request === undefined) continue;
        if ('error' in request) judge(context, session, index, null, request);
        else
          judge(
            context,
            session,
            index,
            request,
            answers.shift() ?? { error: 'the agent did not answer this request' },
          );
      }
    }),
  );
}

function prepare(context: SuiteContext, { jar, saved }: Session, index: number): ProbeRequest | ProbeError {
  try {
    const { request } = stepAt(context, index);
    const path = pathOf(request, saved);
    // The agent stands in for the balancer, which terminates TLS; through the balancer the request goes to
    // the public address itself. Either way cookies marked `Secure` are sent, as browsers do over HTTPS and
    // to loopback.
    const cookie = cookieHeader(jar, path, context.clock.now(), { secure: true });
    return buildRequest(request, { saved, cookie, timeoutSeconds: context.timeoutSeconds });
  } catch (error) {
    return { error: describe(error) };
  }
}

/**
 * One answer for each request, in the same order: a request that can't be sent gets an error as its answer.
 */
async function send(
  { service, fleet, probe, signal }: SuiteContext,
  host: string | null,
  requests: readonly ProbeRequest[],
): Promise<(ProbeResponse | ProbeError)[]> {
  if (requests.length === 0) return [];
  const failed = (error: unknown) => {
    signal?.throwIfAborted();
    return { error: describe(error) };
  };
  if (host === null) return Promise.all(requests.map((request) => probe.send(request).catch(failed)));
  return fleet.call(host, 'probe', { service, requests: [...requests] }, signal).then(
    ({ responses }) => responses,
    (error: unknown) => requests.map(() => failed(error)),
  );
}

/** Keeps what the answer gave, or what is wrong with it. */
function judge(
  context: SuiteContext,
  session: Session,
  index: number,
  request: ProbeRequest | null,
  answer: ProbeResponse | ProbeError,
): void {
  const step = stepAt(context, index);
  if (request !== null) session.requests += 1;
  let mismatches: readonly Mismatch[] = [];
  if (!('error' in answer)) {
    const path = request?.path ?? '/';
    const now = context.clock.now();
    session.jar = keepCookies(session.jar, answer.setCookies, path, now, context.droppedCookies);
    mismatches = checkAnswer(step, answer, session.saved);
    if (mismatches.length === 0) {
      const kept = saveFrom(step, answer, session.saved);
      session.saved = kept.saved;
      mismatches = kept.mismatches;
    }
  }
  if ('error' in answer || mismatches.length > 0) {
    session.failure = { ...placeOf(context, session, step, index), request, answer, mismatches };
  }
}

function stepAt({ suite }: SuiteContext, index: number): Step {
  const step = suite.steps[index];
  if (step === undefined) throw new RangeError(`suite ${suite.name} has no step ${index}`);
  return step;
}

function placeOf(
  { suite, workers }: SuiteContext,
  { plan: { route, pass }, jar }: Session,
  step: Step,
  stepIndex: number,
): Omit<StepFailure, 'request' | 'answer' | 'mismatches'> {
  const before = suite.steps
    .slice(0, stepIndex)
    .map(({ name }, index) => ({ step: name, host: route[index] ?? null }));
  const host = route[stepIndex] ?? null;
  return { suite, step, stepIndex, host, before, pass, workers, known: jar.map(({ value }) => value) };
}

/** `fetch` says only "fetch failed"; the reason is in its cause. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : '';
  return `${messageOf(error)}${cause}`;
}
