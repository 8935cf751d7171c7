import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { ProbeRequest, ProbeResponse } from '../domain/smoke/probe.ts';

/**
 * The longest body that an answer keeps; the rest is read and thrown away, so that the service isn't cut off.
 */
const maximumBodyBytes = 1024 * 1024;

/**
 * One request over a connection of its own (kept-alive connections would always meet the same worker).
 * `base`: `http://host:port`. Redirects are answers, not followed.
 *
 * @throws Error when no whole answer came within `timeoutSeconds` (of the whole exchange) or the signal was
 *   aborted.
 */
export async function exchange(
  base: URL,
  request: ProbeRequest,
  signal?: AbortSignal,
): Promise<ProbeResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeResponse>();
  const body = request.body === null ? null : Buffer.from(request.body, 'base64');
  const deadline = AbortSignal.timeout(request.timeoutSeconds * 1000);
  // The path is given apart from the base: as a URL, `//elsewhere/` would lead to another host.
  const outgoing = clientFor(base).request(base, {
    method: request.method,
    path: request.path,
    agent: false,
    headers: {
      ...request.headers,
      ...((body === null ? {} : { 'content-length': String(body.length) }) satisfies OutgoingHttpHeaders),
    },
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  });

  const fail = (error: Error) =>
    reject(
      deadline.aborted
        ? new Error(`no whole answer within ${request.timeoutSeconds} s: ${request.method} ${request.path}`)
        : error,
    );
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    const kept: Buffer[] = [];
    let size = 0;
    let truncated = false;
    incoming.on('data', (chunk: Buffer) => {
      const room = maximumBodyBytes - size;
      if (chunk.length > room) truncated = true;
      if (room > 0) kept.push(chunk.subarray(0, room));
      size += Math.min(chunk.length, Math.max(room, 0));
    });
    incoming.on('error', fail);
    incoming.on('end', () =>
      resolve({
        status: incoming.statusCode ?? 0,
        headers: headersOf(incoming),
        setCookies: incoming.headers['set-cookie'] ?? [],
        body: Buffer.concat(kept).toString('base64'),
        truncated,
      }),
    );
  });
  outgoing.end(body ?? undefined);
  return await promise;
}

/**
 * Not by `import`: a module's namespace reads every export of `node:http`, among them the WebSocket of a
 * whole other client, and most verbs send no request at all.
 */
export function clientFor({ protocol }: URL) {
  return protocol === 'https:'
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http');
}

function headersOf(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers).flatMap(([name, value]) =>
      name === 'set-cookie' || value === undefined
        ? []
        : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
