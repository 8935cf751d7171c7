import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { summarise } from './llm.ts';
import { type SessionStore, sessionCookie } from './sessions.ts';
import type { Settings } from './settings.ts';
import type { Uploads } from './uploads.ts';
import { version } from './version.ts';
import { answer, choices, countCases, emptyIntake, type Intake, isQuestion, nextStage } from './workflow.ts';

export type App = { settings: Settings; sessions: SessionStore; uploads: Uploads };

const page = readFileSync(path.resolve(import.meta.dirname, '../public/index.html'), 'utf8');

/** Answers one request. The server turns whatever it throws into a 500. */
export async function route(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://app');
  const asked = `${request.method} ${pathname}`;
  if (asked === 'GET /health') return health(app, response);
  if (asked === 'GET /version') {
    return send(response, 200, { version, name: app.settings.publicName, process: process.pid });
  }
  if (asked === 'GET /') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    return void response.end(page.replaceAll('PUBLIC_NAME', app.settings.publicName));
  }
  if (asked === 'POST /upload') return upload(app, request, response);

  const id = sessionCookie.parse(request.headers.cookie, app.settings.sessionKey);
  const intake = id === undefined ? undefined : await app.sessions.read(id);
  if (asked === 'GET /session') {
    return send(response, 200, { stage: nextStage(intake ?? emptyIntake), intake: intake ?? null, choices });
  }
  const question = /^POST \/answers\/(\w+)$/.exec(asked)?.[1] ?? '';
  if (asked !== 'GET /result' && !isQuestion(question))
    return send(response, 404, { error: `no ${asked} here` });
  if (id === undefined || intake === undefined) {
    return send(response, 401, { error: 'session not known: start with an upload' });
  }
  const stage = isQuestion(question) ? question : 'result';
  if (app.settings.faults.stage === stage) {
    return send(response, 200, { error: `stage ${stage} failed inside`, stage });
  }
  if (!isQuestion(question)) return result(app, intake, response);

  const next = answer(intake, question, (await readJson(request))?.value);
  if ('problem' in next) return send(response, 409, { error: next.problem, stage: nextStage(intake) });
  await app.sessions.write(id, next);
  return send(response, 200, { stage: nextStage(next), intake: next });
}

async function upload(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (app.settings.faults.stage === 'upload') {
    request.resume();
    return send(response, 200, { error: 'stage upload failed inside', stage: 'upload' });
  }
  const received = await app.uploads.receive(request);
  if ('problem' in received) return send(response, received.status, { error: received.problem });
  const id = sessionCookie.create();
  const intake: Intake = { ...emptyIntake, upload: received };
  await app.sessions.write(id, intake);
  const secure = app.settings.publicUrl.startsWith('https://');
  response.setHeader('set-cookie', sessionCookie.header(id, app.settings.sessionKey, secure));
  return send(response, 201, { stage: nextStage(intake), intake });
}

async function result(app: App, intake: Intake, response: ServerResponse): Promise<void> {
  const { upload: file, state, facilityLevel, ageGroup } = intake;
  if (!file || !state || !facilityLevel || !ageGroup) {
    return send(response, 409, { error: `first comes "${nextStage(intake)}"`, stage: nextStage(intake) });
  }
  let csv: string;
  try {
    csv = await app.uploads.read(file.id);
  } catch {
    return send(response, 410, { error: 'the uploaded file is not here', file: file.id });
  }
  try {
    const count = async (level: string, age: string) => countCases(csv, level, age);
    const summary = await summarise({ state, facilityLevel, ageGroup }, count, app.settings.llm);
    return send(response, 200, {
      stage: 'done',
      summary: summary.text,
      cases: summary.cases,
      rows: file.rows,
    });
  } catch (error) {
    return send(response, 502, { error: `no summary: ${error instanceof Error ? error.message : error}` });
  }
}

/** Healthy means: this worker could serve a whole intake now, as far as its own stores go. */
async function health({ sessions, uploads }: App, response: ServerResponse): Promise<void> {
  try {
    await Promise.all([sessions.check(), uploads.check()]);
    return send(response, 200, { status: 'ok' });
  } catch (error) {
    return send(response, 503, {
      status: 'unhealthy',
      error: error instanceof Error ? error.message : `${error}`,
    });
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
