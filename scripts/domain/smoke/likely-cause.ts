import type { Suite } from './suite.ts';

/** What is known of a step that failed, in so far as it helps to guess why. */
export type Symptom = {
  travels: Suite['travels'];
  /** Earlier steps of the same session. */
  stepsBefore: number;
  /** Did an earlier step of this session run on another host? */
  crossedHosts: boolean;
  workers: number;
  expectedStatus: number;
  /** Null: no answer came. */
  status: number | null;
  /** The answer's body, or what the machinery said instead of an answer. */
  text: string;
};

const lostFile =
  /ENOENT|no such file|\b(file|upload|attachment)s?\b[^.]{0,40}\b(not found|missing|gone|lost|does(n't| not) exist|not here)/i;
const lostSession =
  /\b(session|log(ged)?[ -]?in|sign(ed)?[ -]?in|csrf)\b[^.]{0,40}\b(unknown|not known|not found|missing|expired|invalid|lost|gone|no longer|required|mismatch)|\b(no|unknown|invalid|expired|missing|lost)\b[^.]{0,20}\b(session|csrf|login)\b/i;
const lostPlace =
  /\b(start|begin) (over|again)|\bfirst\b[^.]{0,40}\b(upload|answer|choose|step)|out of (order|sequence)/i;
const errorInside = /"?\b(error|exception|traceback|failed|failure)\b/i;

/**
 * A sentence for the reader of a failure, or undefined where nothing better than the answer itself can be
 * said.
 */
export function likelyCause(symptom: Symptom): string | undefined {
  if (symptom.status === null) return unanswered(symptom.text);
  const later = symptom.stepsBefore > 0;
  if (later && lostFile.test(symptom.text)) {
    return `the file of an earlier step was lost${elsewhere(symptom)}: write it to a directory listed under \`directories.shared\`.`;
  }
  const denied = [401, 403, 419, 440].includes(symptom.status);
  const sessionGone = lostSession.test(symptom.text) || lostPlace.test(symptom.text) || denied;
  if (later && sessionGone && symptom.expectedStatus !== symptom.status) return sessionLost(symptom);
  if (later && lostSession.test(symptom.text)) return sessionLost(symptom);
  if (symptom.status >= 502 && symptom.status <= 504 && symptom.travels === 'through-balancer') {
    return "the balancer found no host to answer, or a host closed a connection too early: the app's keep-alive time-out must outlast the balancer's idle time-out.";
  }
  if (symptom.status >= 502 && symptom.status <= 504) {
    return `the app answered ${symptom.status}: what it depends on (the model, another service) failed or was too slow.`;
  }
  if (symptom.status >= 500)
    return "the app failed while answering; the service's log on this host says where.";
  if (symptom.status < 400 && errorInside.test(symptom.text)) {
    return `this stage answered ${symptom.status} with an error inside: what it depends on (a file, the model, another service) failed behind a healthy health check.`;
  }
  if (later && symptom.crossedHosts) return sessionLost(symptom);
  return undefined;
}

function sessionLost(symptom: Symptom): string {
  const kept = symptom.crossedHosts ? 'one host' : symptom.workers > 1 ? 'one worker' : 'one process';
  return `the session was lost${elsewhere(symptom)}: keep sessions in the shared session store (\`REDIS_URL\`), not in the memory or on the disk of ${kept}.`;
}

function elsewhere({ crossedHosts, workers }: Symptom): string {
  if (crossedHosts) return ' between hosts';
  return workers > 1 ? ' between workers' : '';
}

function unanswered(text: string): string | undefined {
  if (/ECONNREFUSED|connection refused/i.test(text)) {
    return "nothing listens on the service's port: it has not started, or it has crashed. Its log on this host says why.";
  }
  if (/ETIMEDOUT|time[d -]*out|no whole answer within/i.test(text)) {
    return 'no answer within `limits.requestSeconds`: a stage hangs, often on a model or another service.';
  }
  if (/ECONNRESET|socket hang up|closed|EPIPE/i.test(text)) {
    return 'the connection broke before the answer was complete: the service crashed or was stopped in the middle of a request.';
  }
  return undefined;
}
