// What the tests of whole deploys run: env values, a shared directory, a version, a graceful stop.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { version } from './version.mjs';

const { HOST, PORT, COLOUR } = process.env;

async function answer(request) {
  const url = new URL(request.url, 'http://tiny');
  if (url.pathname === '/health') return [200, 'ok'];
  if (url.pathname === '/version') return [200, `version ${version}`];
  if (url.pathname === '/') return [200, `COLOUR ${COLOUR}`];
  if (request.method === 'POST' && url.pathname === '/note') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const id = randomUUID();
    await writeFile(`notes/${id}`, JSON.parse(Buffer.concat(chunks).toString()).text);
    return [201, JSON.stringify({ id })];
  }
  const id = /^\/note\/([0-9a-f-]+)$/.exec(url.pathname)?.[1];
  if (id !== undefined) return [200, await readFile(`notes/${id}`, 'utf8')];
  return [404, 'nothing here'];
}

const server = createServer((request, response) => {
  answer(request).then(
    ([status, body]) => response.writeHead(status).end(body),
    (error) => response.writeHead(500).end(String(error)),
  );
});
server.listen(Number(PORT), HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
