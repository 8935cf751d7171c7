import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { errored, LockstepError } from '../../../domain/errors.ts';

/** A socket's path may have about 104 bytes; a host's root may have more. */
const longestSocketPath = 100;
const name = 'control.sock';

/**
 * The supervisor's socket, in its own directory of mode 0700. Where the path is too long it is reached
 * through a descriptor of the directory (`/proc/self/fd/N/control.sock`), which Linux resolves.
 */
async function throughShortPath<T>(directory: string, work: (socket: string) => Promise<T>): Promise<T> {
  const direct = path.join(directory, name);
  if (Buffer.byteLength(direct) <= longestSocketPath) return work(direct);
  if (process.platform !== 'linux') {
    throw errored(`the path of a host's control socket is too long for this system: ${direct}`, {
      fix: `Move the project to a shorter path: ${longestSocketPath} bytes are the most.`,
    });
  }
  const handle: FileHandle = await open(directory, 'r');
  try {
    return await work(`/proc/self/fd/${handle.fd}/${name}`);
  } finally {
    await handle.close();
  }
}

/** Answers each connection's request (one JSON document until the end of its half) with one JSON document. */
export async function serveControl(
  directory: string,
  answer: (request: unknown) => Promise<unknown>,
): Promise<net.Server> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Only the owner of the supervisor's lock gets here, so what lies there is a dead one's.
  await rm(path.join(directory, name), { force: true });
  const server = net.createServer({ allowHalfOpen: true }, async (connection) => {
    connection.on('error', () => undefined);
    try {
      const request: unknown = JSON.parse(await readAll(connection));
      connection.end(JSON.stringify(await answer(request)));
    } catch (error) {
      connection.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  });
  await throughShortPath(directory, async (socket) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(socket, resolve);
    await promise;
  });
  return server;
}

/** One request; undefined when nobody listens. */
export async function askControl(directory: string, request: unknown): Promise<unknown> {
  try {
    return await throughShortPath(directory, async (socket) => {
      const connection = net.createConnection({ path: socket, allowHalfOpen: true });
      connection.end(JSON.stringify(request));
      const answer = await readAll(connection).finally(() => connection.destroy());
      return answer === '' ? undefined : JSON.parse(answer);
    });
  } catch (error) {
    // Nobody listens, or the supervisor was killed in the middle of its answer.
    if (error instanceof LockstepError || error instanceof SyntaxError) throw error;
    return undefined;
  }
}

/**
 * Until the other side has ended its half. Iterating over a socket would destroy it before it could be
 * answered.
 */
async function readAll(connection: net.Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  connection.on('data', (chunk: Buffer) => chunks.push(chunk));
  connection.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  connection.once('error', reject);
  connection.once('close', () => reject(new Error('the connection was cut')));
  return await promise;
}
