import { sha256 } from '../canonical.ts';
import { failed } from '../errors.ts';
import type { ProbeRequest } from './probe.ts';
import { type SavedValues, substitute, substituteJson } from './saved-values.ts';
import type { Step } from './suite.ts';

export type RequestContext = {
  saved: SavedValues;
  /** The `Cookie` header of the session so far. */
  cookie: string | undefined;
  timeoutSeconds: number;
};

type Body = { bytes: Buffer; contentType: string };

/**
 * The request of a step, with saved values in place: URL-encoded in the path, as JSON values in a JSON body,
 * as text elsewhere. The same step and values give the same bytes, boundary of a multipart body included.
 *
 * @throws LockstepError `failed` for a value that was not saved, or one that would break out of a header.
 */
export function buildRequest(request: Step['request'], context: RequestContext): ProbeRequest {
  const body = bodyOf(request, context.saved);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = body.contentType;
  if (context.cookie !== undefined) headers.cookie = context.cookie;
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name.toLowerCase()] = headerValue(name, substitute(value, context.saved));
  }
  return {
    method: request.method,
    path: pathOf(request, context.saved),
    headers,
    body: body === undefined ? null : body.bytes.toString('base64'),
    timeoutSeconds: context.timeoutSeconds,
  };
}

/**
 * The path that the request will have; needed before the request itself, to choose its cookies.
 *
 * @throws RangeError where a saved value makes a segment of dots alone: every client would walk up the path,
 *   encoded or not.
 */
export function pathOf(request: Step['request'], saved: SavedValues): string {
  const path = substitute(request.path, saved, encodeURIComponent);
  const [segments = ''] = path.split(/[?#]/);
  const dots = segments.split('/').find((segment) => segment === '.' || segment === '..');
  if (dots === undefined) return path;
  throw new RangeError(`the path ${path} has a segment "${dots}", which leads elsewhere`);
}

function bodyOf(request: Step['request'], saved: SavedValues): Body | undefined {
  if (request.json !== undefined) {
    const text = JSON.stringify(substituteJson(request.json, saved));
    return { bytes: Buffer.from(text), contentType: 'application/json' };
  }
  if (request.form !== undefined) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(request.form)) fields.append(name, substitute(value, saved));
    return { bytes: Buffer.from(fields.toString()), contentType: 'application/x-www-form-urlencoded' };
  }
  return request.multipart === undefined ? undefined : multipartBody(request.multipart, saved);
}

function multipartBody(parts: NonNullable<Step['request']['multipart']>, saved: SavedValues): Body {
  const contents = Object.entries(parts).map(([name, part]) => ({
    head: partHead(name, part),
    content: substitute(typeof part === 'string' ? part : part.content, saved),
  }));
  const boundary = boundaryFor(contents.map(({ content }) => content));
  const text = contents.map(({ head, content }) => `--${boundary}\r\n${head}\r\n\r\n${content}\r\n`).join('');
  return {
    bytes: Buffer.from(`${text}--${boundary}--\r\n`),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function partHead(name: string, part: NonNullable<Step['request']['multipart']>[string]): string {
  const disposition = `Content-Disposition: form-data; name="${quoted(name)}"`;
  if (typeof part === 'string') return disposition;
  const contentType = headerValue('Content-Type', part.contentType);
  return `${disposition}; filename="${quoted(part.filename)}"\r\nContent-Type: ${contentType}`;
}

/** As browsers write names in multipart heads (HTML standard, "multipart/form-data encoding algorithm"). */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Made from the contents, so that it is the same every time, and never occurs in one of them. */
function boundaryFor(contents: readonly string[]): string {
  let boundary = '';
  for (let attempt = 0; boundary === '' || contents.some((text) => text.includes(boundary)); attempt++) {
    boundary = `lockstep-${sha256(JSON.stringify([attempt, ...contents])).slice(0, 24)}`;
  }
  return boundary;
}

function headerValue(name: string, value: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw failed(`the value for header "${name}" holds characters that a header can't carry`);
  }
  return value;
}
