import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What happens to the next call of that action. `lose answer`: it is carried out, and the line breaks. */
export type ProxyFault = { action: string } & (
  | { how: 'lose answer' }
  | { how: 'meanwhile'; does: () => Promise<unknown> }
  | { how: 'answer'; status: number; body: string }
);

/** Stands before an emulator of AWS, keeps what it was asked, and does wrong when it is told to. */
export class LosingProxy {
  readonly faults: ProxyFault[] = [];
  readonly seen: { action: string; body: string }[] = [];
  readonly #target: string;
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));

  constructor(target: string) {
    this.#target = target;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await buffer(request);
    const header = String(request.headers['x-amz-target'] ?? '');
    const action = header.split('.').at(-1) || (new URLSearchParams(body.toString()).get('Action') ?? '');
    this.seen.push({ action, body: body.toString() });
    const matching = this.faults.findIndex((fault) => fault.action === action);
    const [fault] = matching === -1 ? [] : this.faults.splice(matching, 1);
    if (fault?.how === 'answer') return void response.writeHead(fault.status).end(fault.body);
    if (fault?.how === 'meanwhile') await fault.does();
    const { host: _, connection: __, ...headers } = request.headers;
    const answer = await fetch(this.#target, {
      method: 'POST',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      body: new Uint8Array(body),
    });
    const whole = new Uint8Array(await answer.arrayBuffer());
    if (fault?.how === 'lose answer') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(whole);
  }
}
