import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

type Kept = { body: Buffer; etag: string; metadata: Record<string, string> };
type Answer = { status: number; headers?: Record<string, string>; body?: string | Buffer };

/**
 * What happens to the next request that it matches. `lose answer`: it is carried out, and the line breaks.
 * `lose request`: the line breaks first. `cut body`: the answer ends in its middle. A number with a code:
 * that answer, nothing is done.
 */
export type Fault = { method?: string; query?: string } & (
  | { how: 'lose answer' | 'lose request' | 'cut body' }
  | { how: 'answer'; status: number; code: string; headers?: Record<string, string>; message?: string }
  | { how: 'meanwhile'; does: () => Promise<unknown> }
);

/**
 * A bucket in memory, behind HTTP, that does wrong when it is told to: what no emulator does on demand. One
 * path is one object, whatever its bucket.
 */
export class S3StandIn {
  readonly faults: Fault[] = [];
  readonly seen: { method: string; path: string; headers: http.IncomingHttpHeaders }[] = [];
  readonly #objects = new Map<string, Kept>();
  readonly #uploads = new Map<string, { metadata: Record<string, string>; parts: Buffer[] }>();
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://here');
    const { method = 'GET' } = request;
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    this.seen.push({ method, path: url.pathname + url.search, headers: request.headers });
    const matching = this.faults.findIndex(
      (each) =>
        (each.method ?? method) === method && (each.query === undefined || url.searchParams.has(each.query)),
    );
    const [fault] = matching === -1 ? [] : this.faults.splice(matching, 1);
    if (fault?.how === 'lose request') return void request.socket.destroy();
    if (fault?.how === 'meanwhile') {
      await fault.does();
      return void request.socket.destroy();
    }
    const answer =
      fault?.how === 'answer'
        ? { ...refusal(fault.status, fault.code, fault.message), headers: fault.headers ?? {} }
        : this.#carryOut(method, url, request.headers, body);
    if (fault?.how === 'lose answer') return void request.socket.destroy();
    const whole = method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(answer.body ?? '');
    response.writeHead(answer.status, { ...answer.headers, 'content-length': String(whole.length) });
    if (fault?.how !== 'cut body') return void response.end(whole);
    response.write(whole.subarray(0, 1), () => request.socket.destroy());
  }

  #carryOut(method: string, url: URL, headers: http.IncomingHttpHeaders, body: Buffer): Answer {
    const key = url.pathname;
    const kept = this.#objects.get(key);
    const uploadId = url.searchParams.get('uploadId');
    if (method === 'POST' && url.searchParams.has('uploads')) {
      const id = `upload-${this.#uploads.size}`;
      this.#uploads.set(id, { metadata: metadataIn(headers), parts: [] });
      return { status: 200, body: `<UploadId>${id}</UploadId>` };
    }
    if (uploadId !== null) {
      const upload = this.#uploads.get(uploadId);
      if (upload === undefined) return refusal(404, 'NoSuchUpload');
      if (method === 'PUT') {
        upload.parts.push(body);
        return { status: 200, headers: { etag: `"${md5(body)}"` } };
      }
      if (method === 'POST' && kept !== undefined) return refusal(412, 'PreconditionFailed');
      this.#uploads.delete(uploadId);
      return method === 'POST'
        ? this.#keep(key, Buffer.concat(upload.parts), upload.metadata)
        : { status: 204 };
    }
    if (method === 'PUT') {
      const { 'if-match': match, 'if-none-match': none } = headers;
      if (none === '*' && kept !== undefined) return refusal(412, 'PreconditionFailed');
      if (match !== undefined && kept === undefined) return refusal(404, 'NoSuchKey');
      if (match !== undefined && kept?.etag !== match) return refusal(412, 'PreconditionFailed');
      return this.#keep(key, body, metadataIn(headers));
    }
    if (method === 'DELETE') {
      this.#objects.delete(key);
      return { status: 204 };
    }
    if (kept === undefined) return refusal(404, 'NoSuchKey');
    return { status: 200, headers: { ...kept.metadata, etag: kept.etag }, body: kept.body };
  }

  #keep(key: string, body: Buffer, metadata: Record<string, string>): Answer {
    const etag = `"${md5(body)}"`;
    this.#objects.set(key, { body, etag, metadata });
    return { status: 200, headers: { etag } };
  }
}

function refusal(status: number, code: string, message = 'because'): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>` };
}

function metadataIn(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') && typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}

function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}
