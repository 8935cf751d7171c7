import { createServer, type ServerResponse } from 'node:http';
import { route } from './routes.ts';
import { openSessionStore } from './sessions.ts';
import type { Settings } from './settings.ts';
import { openUploads } from './uploads.ts';

/**
 * One of several processes that share the port. Stops on the message `stop`, after its requests in flight.
 */
export async function runWorker(settings: Settings): Promise<void> {
  // Before it listens there is nothing to finish; afterwards this is replaced by the graceful way.
  let stop = (): void => process.exit(0);
  process.on('message', (message) => {
    if (message === 'stop') stop();
  });

  const { faults } = settings;
  if (faults.missingModule) await import(new URL('./not-in-this-branch.ts', import.meta.url).href);
  if (faults.slowStartSeconds > 0) {
    await new Promise((resolve) => setTimeout(resolve, faults.slowStartSeconds * 1000));
  }
  const app = { settings, sessions: await openSessionStore(settings), uploads: await openUploads(settings) };
  let stopping = false;
  let requests = 0;
  const inFlight = new Set<ServerResponse>();

  const server = createServer((request, response) => {
    requests += 1;
    if (faults.crashAfterRequests > 0 && requests > faults.crashAfterRequests) process.exit(70);
    inFlight.add(response);
    response.on('close', () => inFlight.delete(response));
    if (stopping) response.setHeader('connection', 'close');
    route(app, request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) return response.destroy();
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: 'this request broke; the log says where' }));
    });
  });
  // Longer than the balancer's idle time-out (60 s): the balancer must be the one that closes idle
  // connections, or a request it has just sent over one is lost.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  server.listen(settings.port, settings.host);

  stop = () => {
    if (stopping) return;
    stopping = true;
    // Clients of requests in flight are told, too, that this connection ends with its answer.
    for (const response of inFlight) if (!response.headersSent) response.setHeader('connection', 'close');
    server.close(async () => {
      await app.sessions.close();
      process.exit(0);
    });
  };
}
