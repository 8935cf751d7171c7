import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, isSecretName, redact, redactHeaders } from '../../../scripts/domain/secrets/likely-secrets.ts';
import { likelyCause, type Symptom } from '../../../scripts/domain/smoke/likely-cause.ts';
import { suiteSchema } from '../../../scripts/domain/smoke/suite.ts';
import { renderFailure, type StepFailure } from '../../../scripts/domain/smoke/suite-failure.ts';

const suite = suiteSchema.parse({
  name: 'workflow',
  travels: 'crossing',
  steps: [
    { name: 'upload', request: { method: 'POST', path: '/upload', multipart: { file: 'abc' } } },
    { name: 'state', request: { method: 'POST', path: '/state?token=abcdefgh', json: { password: 'pw' } } },
  ],
});
const body = (text: string) => Buffer.from(text).toString('base64');
const step = suite.steps[1];
if (step === undefined) throw new Error('the suite has two steps');

const failure: StepFailure = {
  suite,
  step,
  stepIndex: 1,
  host: 'host-2',
  before: [{ step: 'upload', host: 'host-1' }],
  pass: 'pass 1 of 6',
  workers: 2,
  request: {
    method: 'POST',
    path: '/state?token=abcdefgh',
    headers: { 'content-type': 'application/json', cookie: 'sid=verysecret' },
    body: body('{"password":"pw","value":"Kano"}'),
    timeoutSeconds: 5,
  },
  answer: {
    status: 401,
    headers: {},
    setCookies: [],
    body: body('{"error":"session verysecret not known"}'),
    truncated: false,
  },
  mismatches: [{ at: 'status', expected: '200', got: '401' }],
  known: ['verysecret'],
};

describe('a failure as it is shown', () => {
  it('names step, host, request, expected, got and a likely cause, and no secret', () => {
    expect(renderFailure(failure).split('\n')).toEqual([
      'step 2 "state" of workflow (crossing, pass 1 of 6)',
      '  host     host-2 (before: upload on host-1)',
      '  request  POST /state?token=[hidden]  cookie: [hidden]  {"password":"[hidden]","value":"Kano"}',
      '  expected status: 200',
      '  got      401',
      '  answer   401 {"error":"session [hidden] not known"}',
      expect.stringMatching(/^ {2}likely {3}the session was lost between hosts: .*session store/),
    ]);
  });

  it('says where a request went that no host is known for, and nothing of earlier steps', () => {
    expect(renderFailure({ ...failure, host: null })).toContain('  host     through the balancer\n');
    expect(renderFailure({ ...failure, before: [] })).toContain('  host     host-2\n');
  });

  it('knows a session that crossed hosts and came back to where one of its steps was', () => {
    const before = [
      { step: 'upload', host: 'host-1' },
      { step: 'again', host: 'host-2' },
    ];
    expect(renderFailure({ ...failure, before })).toContain('the session was lost between hosts');
  });

  it('says what came instead of an answer', () => {
    const shown = renderFailure({
      ...failure,
      answer: { error: 'connect ECONNREFUSED 127.0.0.1:80' },
      mismatches: [],
    });
    expect(shown).toContain('answer   none: connect ECONNREFUSED');
    expect(shown).toContain('nothing listens');
  });

  it('gives only the size of a multipart body, and cuts a long answer', () => {
    const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
    const request = { method: 'POST', path: '/', headers: multipart, body: body('file'), timeoutSeconds: 1 };
    const answer = {
      status: 200,
      headers: {},
      setCookies: [],
      body: body('a'.repeat(5000)),
      truncated: false,
    };
    const shown = renderFailure({ ...failure, request, answer });
    expect(shown).toContain('multipart form, 4 bytes');
    expect(shown).toContain('(4600 more characters)');
  });
});

const symptom: Symptom = {
  travels: 'crossing',
  stepsBefore: 2,
  crossedHosts: true,
  workers: 2,
  expectedStatus: 200,
  status: 200,
  text: '{}',
};

describe('the likely cause', () => {
  it.each<[string, Partial<Symptom>, RegExp]>([
    ['a session known to one host only', { status: 401 }, /session was lost between hosts/],
    ['a place lost with an answer of 200', { text: '{"stage":"upload"}' }, /session was lost between hosts/],
    ['a session known to one worker only', { crossedHosts: false, status: 401 }, /between workers/],
    ['a missing upload', { status: 410, text: 'the uploaded file is not here' }, /`directories.shared`/],
    ['a missing upload inside a 500', { status: 500, text: 'ENOENT: no such file' }, /`directories.shared`/],
    ['an error inside a 200', { stepsBefore: 0, text: '{"error":"model gone"}' }, /error inside/],
    ['a broken app', { status: 500, text: 'oops' }, /failed while answering/],
    ['a model that is gone', { status: 502, text: 'no summary' }, /what it depends on/],
    ['a host that another service keeps waiting', { status: 504, text: 'slow' }, /what it depends on/],
    ['an app that answers with 505', { status: 505, text: 'oops' }, /failed while answering/],
    [
      'an app that fails behind the balancer',
      { travels: 'through-balancer', status: 505, text: 'oops' },
      /failed while/,
    ],
    ['the last kind of gateway error', { travels: 'through-balancer', status: 504 }, /balancer/],
    ['the first kind of gateway error', { travels: 'through-balancer', status: 502 }, /balancer/],
    ['no host behind the balancer', { travels: 'through-balancer', status: 503 }, /balancer/],
    ['a service that is down', { status: null, text: 'connect ECONNREFUSED' }, /nothing listens/],
    ['a stage that hangs', { status: null, text: 'no whole answer within 30 s' }, /`limits.requestSeconds`/],
    ['a crash under way', { status: null, text: 'socket hang up' }, /crashed or was stopped/],
  ])('of %s', (_, difference, message) => {
    expect(likelyCause({ ...symptom, ...difference })).toMatch(message);
  });

  it('is not guessed where nothing points to one', () => {
    expect(likelyCause({ ...symptom, stepsBefore: 0, crossedHosts: false })).toBeUndefined();
    expect(likelyCause({ ...symptom, status: null, text: 'strange' })).toBeUndefined();
  });

  it('is not a lost session where no host was changed and nothing says so', () => {
    expect(likelyCause({ ...symptom, crossedHosts: false })).toBeUndefined();
  });

  it('of a lost session names where it was kept', () => {
    const lost = (difference: Partial<Symptom>) => likelyCause({ ...symptom, status: 401, ...difference });
    expect(lost({})).toContain('disk of one host');
    expect(lost({ crossedHosts: false })).toContain('disk of one worker');
    expect(lost({ crossedHosts: false, workers: 1 })).toMatch(/^the session was lost: .*disk of one process/);
  });

  it('of an answer of 401 that was expected is not a lost session', () => {
    const expected = { expectedStatus: 401, status: 401, crossedHosts: false, text: 'denied' };
    expect(likelyCause({ ...symptom, ...expected })).toBeUndefined();
    expect(likelyCause({ ...symptom, crossedHosts: false, status: 404, text: 'gone' })).toBeUndefined();
  });

  it('of a first step is never a lost session', () => {
    expect(likelyCause({ ...symptom, stepsBefore: 0, crossedHosts: false, status: 401 })).toBeUndefined();
  });
});

describe('redaction', () => {
  it('knows the names under which secrets are kept', () => {
    for (const name of [
      'Authorization',
      'access_token',
      'X-Api-Key',
      'csrfToken',
      'sid',
      'client-secret',
      'pwd',
    ]) {
      expect(isSecretName(name), name).toBe(true);
    }
    for (const name of ['stage', 'content-type', 'facilityLevel', 'keyboard', 'author']) {
      expect(isSecretName(name), name).toBe(false);
    }
  });

  it('hides passwords in URLs, bearer tokens, and values next to secret names in text that is not JSON', () => {
    expect(redact('at redis://user:pw@host:1 with Bearer abc.def-123; password = hunter2')).toBe(
      'at redis://[hidden]@host:1 with Bearer [hidden]; password = [hidden]',
    );
    expect(redactHeaders({ cookie: 'a=b', accept: '*/*' })).toEqual({ cookie: '[hidden]', accept: '*/*' });
  });

  it('never lets through a value under a secret name, however deep it lies', () => {
    const secret = fc.stringMatching(/^[a-zA-Z0-9]{12,20}$/);
    fc.assert(
      fc.property(secret, fc.array(fc.constantFrom('a', 'list', 'user')), (value, path) => {
        const nested = path.reduce<unknown>((inner, key) => ({ [key]: [inner] }), { sessionToken: value });
        expect(redact(JSON.stringify(nested))).not.toContain(value);
        expect(redact(`/callback?user=a&api_key=${value}&b=c`)).not.toContain(value);
      }),
    );
  });

  it('cuts text and says by how much', () => {
    expect(cut('abcdef', 4)).toBe('abcd… (2 more characters)');
    expect(cut('abcd', 4)).toBe('abcd');
  });
});
