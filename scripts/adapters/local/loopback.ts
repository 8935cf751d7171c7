import net from 'node:net';
import { codeOf } from '../../machine/system-error.ts';

/** A port of this address that nobody listens on now. */
export async function freePort(address: string): Promise<number> {
  const port = await tryBind(address, 0);
  if (port === undefined) throw new Error(`no port of ${address} is free`);
  return port;
}

/**
 * Whether a service could listen there now; false also where the address isn't this machine's (macOS:
 * 127.0.0.2).
 */
async function isFree(address: string, port: number): Promise<boolean> {
  return (await tryBind(address, port)) !== undefined;
}

async function isOwnAddress(address: string): Promise<boolean> {
  return isFree(address, 0);
}

async function tryBind(address: string, port: number): Promise<number | undefined> {
  const server = net.createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  server.once('error', (error) =>
    ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'].includes(codeOf(error) ?? '')
      ? resolve(undefined)
      : reject(error),
  );
  server.listen({ host: address, port, exclusive: true }, () => {
    const bound = server.address();
    server.close(() => resolve(bound !== null && typeof bound === 'object' ? bound.port : undefined));
  });
  return promise;
}

/** The place asked for, or the nearest to it that can be had: another port there, else one of 127.0.0.1. */
export async function choosePlace(
  address: string,
  port: number,
  taken: ReadonlySet<string>,
): Promise<{ address: string; port: number }> {
  const home = (await isOwnAddress(address)) ? address : '127.0.0.1';
  if (!taken.has(`${home}:${port}`) && (await isFree(home, port))) return { address: home, port };
  for (;;) {
    const found = await freePort(home);
    if (!taken.has(`${home}:${found}`)) return { address: home, port: found };
  }
}
