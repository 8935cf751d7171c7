import { cut, isSecretName, redact, redactHeaders } from '../secrets/likely-secrets.ts';
import { likelyCause } from './likely-cause.ts';
import type { ProbeRequest, ProbeResponse } from './probe.ts';
import type { Step, Suite } from './suite.ts';
import type { Mismatch } from './suite-check.ts';
import { bodyText } from './suite-check.ts';

/** Where and how one step of a session failed. */
export type StepFailure = {
  suite: Suite;
  step: Step;
  stepIndex: number;
  /** Null: through the balancer, which chose the host. */
  host: string | null;
  /** Step name and host of the steps before, in order. */
  before: readonly { step: string; host: string | null }[];
  /** `pass 2 of 6`, where a suite has several. */
  pass: string | null;
  workers: number;
  /** Null: it could not even be built. */
  request: ProbeRequest | null;
  /** The answer, or what came instead of one. */
  answer: ProbeResponse | { error: string };
  mismatches: readonly Mismatch[];
  /** Values that must not be shown: the session's cookies. */
  known: readonly string[];
};

const bodyCharacters = 400;

/** Lines for a terminal and for the outcome record: nothing secret, bodies cut. */
export function renderFailure(failure: StepFailure): string {
  const { answer, request, known } = failure;
  const place = failure.pass === null ? '' : `, ${failure.pass}`;
  const lines = [
    `step ${failure.stepIndex + 1} "${failure.step.name}" of ${failure.suite.name} (${failure.suite.travels}${place})`,
    row('host', hostLine(failure)),
  ];
  if (request !== null) lines.push(row('request', requestLine(request, known)));
  for (const { at, expected, got } of failure.mismatches) {
    lines.push(row('expected', cut(`${at}: ${shown(at, expected, known)}`, bodyCharacters)));
    lines.push(row('got', cut(shown(at, got, known), bodyCharacters)));
  }
  lines.push(row('answer', answerLine(answer, known)));
  const cause = likelyCause({
    travels: failure.suite.travels,
    stepsBefore: failure.stepIndex,
    crossedHosts: failure.before.some(({ host }) => host !== failure.host),
    workers: failure.workers,
    expectedStatus: failure.step.expect.status,
    status: 'error' in answer ? null : answer.status,
    text: 'error' in answer ? answer.error : bodyText(answer),
  });
  if (cause !== undefined) lines.push(row('likely', cause));
  return lines.join('\n');
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(8)} ${text}`;
}

function hostLine({ host, before }: StepFailure): string {
  const name = host ?? 'through the balancer';
  if (host === null || before.length === 0) return name;
  return `${name} (before: ${before.map((earlier) => `${earlier.step} on ${earlier.host}`).join(', ')})`;
}

function requestLine(request: ProbeRequest, known: readonly string[]): string {
  const { 'content-type': contentType, ...headers } = redactHeaders(request.headers);
  const names = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const body =
    request.body === null ? [] : [cut(shownBody(request.body, contentType, known), bodyCharacters)];
  return [`${request.method} ${redact(request.path, known)}`, ...names, ...body].join('  ');
}

/** Multipart bodies hold files: their size says enough. */
function shownBody(body: string, contentType: string | undefined, known: readonly string[]): string {
  const bytes = Buffer.from(body, 'base64');
  if (contentType?.startsWith('multipart/') === true) return `multipart form, ${bytes.length} bytes`;
  return redact(bytes.toString('utf8'), known);
}

function answerLine(answer: StepFailure['answer'], known: readonly string[]): string {
  if ('error' in answer) return `none: ${cut(redact(answer.error, known), bodyCharacters)}`;
  const body = redact(bodyText(answer), known).replaceAll(/\s+/g, ' ').trim();
  return `${answer.status} ${body === '' ? '(empty body)' : cut(body, bodyCharacters)}`;
}

/** A value under a secret-looking JSON path or header is hidden as it would be in the body. */
function shown(at: string, text: string, known: readonly string[]): string {
  const last = /([\w-]+)'?\]?$/.exec(at)?.[1] ?? at;
  return isSecretName(last) ? '[hidden]' : redact(text, known);
}
