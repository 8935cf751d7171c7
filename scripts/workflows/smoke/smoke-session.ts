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
export type Journey = {
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

/** One user's way through the suite. */
export type Walk = {
  /** The host of each step; null: through the balancer. */
  route: readonly (string | null)[];
  pass: string | null;
};

/** `requests`: sent, the failing one included. A session ends at its first failure. */
export type SessionResult = { requests: number; failure: StepFailure | null };

type Session = SessionResult & { walk: Walk; jar: CookieJar; saved: SavedValues };

/**
 * Walks all sessions side by side, each with its own jar of cookies and its own saved values: everyone takes
 * a step, then everyone the next. So a step asks each host's agent once, however many sessions are on that
 * host.
 *
 * @param stopTogether one session's failure ends all after that step: the others would only say it again.
 */
export async function walkSessions(
  journey: Journey,
  walks: readonly Walk[],
  { stopTogether }: { stopTogether: boolean },
): Promise<SessionResult[]> {
  const sessions = walks.map<Session>((walk) => ({ walk, jar: [], saved: {}, requests: 0, failure: null }));
  for (const index of journey.suite.steps.keys()) {
    journey.signal?.throwIfAborted();
    const walking = sessions.filter(({ failure }) => failure === null);
    if (stopTogether && walking.length < sessions.length) break;
    await takeStep(journey, walking, index);
  }
  return sessions.map(({ requests, failure }) => ({ requests, failure }));
}

async function takeStep(journey: Journey, sessions: readonly Session[], index: number): Promise<void> {
  const hosts = [...new Set(sessions.map(({ walk }) => walk.route[index] ?? null))];
  await Promise.all(
    hosts.map(async (host) => {
      const here = sessions.filter(({ walk }) => (walk.route[index] ?? null) === host);
      const requests = here.map((session) => prepare(journey, session, index));
      const answers = await send(
        journey,
        host,
        requests.filter((request): request is ProbeRequest => !('error' in request)),
      );
      for (const [n, session] of here.entries()) {
        const request = requests[n];
        if (request === undefined) continue;
        if ('error' in request) judge(journey, session, index, null, request);
        else judge(journey, session, index, request, answers.shift() ?? { error: 'the agent left it out' });
      }
    }),
  );
}

function prepare(journey: Journey, { jar, saved }: Session, index: number): ProbeRequest | ProbeError {
  try {
    const { request } = stepAt(journey, index);
    const path = pathOf(request, saved);
    // The agent stands where the balancer stands, which ended TLS for it; through the balancer it is the
    // public address itself. Either way a cookie marked `Secure` travels, as browsers send it to HTTPS and to
    // loopback.
    const cookie = cookieHeader(jar, path, journey.clock.now(), { secure: true });
    return buildRequest(request, { saved, cookie, timeoutSeconds: journey.timeoutSeconds });
  } catch (error) {
    return { error: describe(error) };
  }
}

/** One answer a request, in their order: what can't be sent is an answer as well. */
async function send(
  { service, fleet, probe, signal }: Journey,
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

/** Keeps what the answer brought, or what is wrong with it. */
function judge(
  journey: Journey,
  session: Session,
  index: number,
  request: ProbeRequest | null,
  answer: ProbeResponse | ProbeError,
): void {
  const step = stepAt(journey, index);
  if (request !== null) session.requests += 1;
  let mismatches: readonly Mismatch[] = [];
  if (!('error' in answer)) {
    const path = request?.path ?? '/';
    const now = journey.clock.now();
    session.jar = keepCookies(session.jar, answer.setCookies, path, now, journey.droppedCookies);
    mismatches = checkAnswer(step, answer, session.saved);
    if (mismatches.length === 0) {
      const kept = saveFrom(step, answer, session.saved);
      session.saved = kept.saved;
      mismatches = kept.mismatches;
    }
  }
  if ('error' in answer || mismatches.length > 0) {
    session.failure = { ...placeOf(journey, session, step, index), request, answer, mismatches };
  }
}

function stepAt({ suite }: Journey, index: number): Step {
  const step = suite.steps[index];
  if (step === undefined) throw new RangeError(`suite ${suite.name} has no step ${index}`);
  return step;
}

function placeOf(
  { suite, workers }: Journey,
  { walk: { route, pass }, jar }: Session,
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
