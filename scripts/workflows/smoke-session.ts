import { type CookieJar, cookieHeader, keepCookies } from '../domain/cookie-jar.ts';
import { messageOf } from '../domain/errors.ts';
import type { ProbeRequest, ProbeResponse } from '../domain/host-protocol.ts';
import type { SavedValues } from '../domain/saved-values.ts';
import type { Step, Suite } from '../domain/suite.ts';
import { checkAnswer, type Mismatch, saveFrom } from '../domain/suite-check.ts';
import type { StepFailure } from '../domain/suite-failure.ts';
import { buildRequest, pathOf } from '../domain/suite-request.ts';
import type { Clock, Fleet, Probe } from './ports.ts';

/** One user's session: the steps of a suite in order, with one jar of cookies and one set of saved values. */
export type Session = {
  suite: Suite;
  /** The host of each step; null: through the balancer. */
  route: readonly (string | null)[];
  service: string;
  workers: number;
  timeoutSeconds: number;
  droppedCookies: readonly string[];
  pass: string | null;
  fleet: Pick<Fleet, 'call'>;
  probe: Probe;
  clock: Pick<Clock, 'now'>;
  signal?: AbortSignal;
};

/** `requests`: sent, the failing one included. A session ends at its first failure. */
export type SessionResult = { requests: number; failure: StepFailure | null };

export async function walkSession(session: Session): Promise<SessionResult> {
  let jar: CookieJar = [];
  let saved: SavedValues = {};
  let requests = 0;
  for (const [index, step] of session.suite.steps.entries()) {
    session.signal?.throwIfAborted();
    const host = session.route[index] ?? null;
    const { request, answer, mismatches, ...attempt } = await attemptStep(session, step, host, jar, saved);
    if (request !== null) requests += 1;
    if (!('error' in answer)) {
      const path = request?.path ?? '/';
      jar = keepCookies(jar, answer.setCookies, path, session.clock.now(), session.droppedCookies);
    }
    if ('error' in answer || mismatches.length > 0) {
      const where = placeOf(session, step, index, host, jar);
      return { requests, failure: { ...where, request, answer, mismatches } };
    }
    saved = attempt.saved;
  }
  return { requests, failure: null };
}

type Attempt = {
  request: ProbeRequest | null;
  answer: ProbeResponse | { error: string };
  mismatches: readonly Mismatch[];
  saved: SavedValues;
};

async function attemptStep(
  session: Session,
  step: Step,
  host: string | null,
  jar: CookieJar,
  saved: SavedValues,
): Promise<Attempt> {
  let request: ProbeRequest | null = null;
  try {
    const path = pathOf(step.request, saved);
    // The agent stands where the balancer stands, which ended TLS for it; through the balancer it is the public
    // address itself. Either way a cookie marked `Secure` travels, as browsers send it to HTTPS and to loopback.
    const cookie = cookieHeader(jar, path, session.clock.now(), { secure: true });
    request = buildRequest(step.request, { saved, cookie, timeoutSeconds: session.timeoutSeconds });
    const answer = await send(session, host, request);
    const mismatches = checkAnswer(step, answer, saved);
    if (mismatches.length > 0) return { request, answer, mismatches, saved };
    return { request, answer, ...saveFrom(step, answer, saved) };
  } catch (error) {
    session.signal?.throwIfAborted();
    return { request, answer: { error: describe(error) }, mismatches: [], saved };
  }
}

function send(session: Session, host: string | null, request: ProbeRequest): Promise<ProbeResponse> {
  if (host === null) return session.probe.send(request);
  return session.fleet.call(host, 'probe', { service: session.service, request }, session.signal);
}

function placeOf(session: Session, step: Step, stepIndex: number, host: string | null, jar: CookieJar) {
  const before = session.suite.steps
    .slice(0, stepIndex)
    .map(({ name }, index) => ({ step: name, host: session.route[index] ?? null }));
  const { suite, pass, workers } = session;
  return { suite, step, stepIndex, host, before, pass, workers, known: jar.map(({ value }) => value) };
}

/** `fetch` says only "fetch failed"; the reason is in its cause. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : '';
  return `${messageOf(error)}${cause}`;
}
