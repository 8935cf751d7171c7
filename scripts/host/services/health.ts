import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Service } from '../../domain/app/app-manifest.ts';
import { reachable, serviceUrl } from '../../domain/app/service-environment.ts';
import { messageOf } from '../../domain/errors.ts';
import { exchange } from '../../machine/http-exchange.ts';
import type { Supervisor } from '../place/supervisor.ts';

/** A service without a port is well when it has run this long without an end. */
const observedMilliseconds = 1_000;
/** So many ends, and a service is called crash-looping: its grace would only lose time. */
const crashLoopRestarts = 3;
const pollMilliseconds = 100;
/** For a service with a port and no health check, which must accept a connection. */
const connectGraceSeconds = 60;

export type ServiceToCheck = { name: string; service: Service; address: string; port: number | undefined };
export type HealthFailure = { service: string; reason: string };

/** Waits until every service is healthy on this host; answers the first failure, or null. */
export async function waitHealthy(
  services: readonly ServiceToCheck[],
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<HealthFailure | null> {
  const failures = await Promise.all(services.map((each) => waitService(each, supervisor, signal)));
  return failures.find((each) => each !== null) ?? null;
}

/** One look, without patience: is every service answering as it should? */
export async function isHealthyNow(services: readonly ServiceToCheck[]): Promise<boolean> {
  const answers = await Promise.all(services.map((each) => look(each)));
  return answers.every((each) => each === undefined);
}

async function waitService(
  each: ServiceToCheck,
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<HealthFailure | null> {
  const graceSeconds = each.service.health?.graceSeconds ?? connectGraceSeconds;
  const begun = performance.now();
  const giveUpAt = begun + graceSeconds * 1000;
  const failure = (reason: string) => ({ service: each.name, reason });
  let seen = { pid: null as number | null, since: begun };
  let last = 'not asked yet';
  for (;;) {
    signal.throwIfAborted();
    const process = (await supervisor.status()).find(({ process }) => process.service === each.name)?.process;
    if (process === undefined) return failure('the supervisor does not know it');
    if (process.restarts >= crashLoopRestarts) {
      return failure(`it ended ${process.restarts} times since its start; last: ${process.lastExit}`);
    }
    if (process.pid !== seen.pid) seen = { pid: process.pid, since: performance.now() };
    if (process.pid === null)
      last = `not running; ${process.lastExit === null ? 'no earlier exit recorded' : `last exit: ${process.lastExit}`}`;
    else if (each.port === undefined) {
      if (performance.now() - seen.since >= observedMilliseconds) return null;
    } else {
      const problem = await look(each);
      if (problem === undefined) return null;
      last = problem;
    }
    if (each.port !== undefined && performance.now() > giveUpAt)
      return failure(`not healthy within ${graceSeconds} s; last: ${last}`);
    await wait(pollMilliseconds);
  }
}

/** What is wrong with the service now, or undefined. */
async function look({ service, address, port }: ServiceToCheck): Promise<string | undefined> {
  if (port === undefined) return undefined;
  const { health } = service;
  if (health === undefined) return connects(reachable(address), port);
  try {
    const { status } = await exchange(new URL(serviceUrl(address, port)), {
      method: 'GET',
      path: health.path,
      headers: {},
      body: null,
      timeoutSeconds: health.timeoutSeconds,
    });
    return status === health.expect
      ? undefined
      : `GET ${health.path} answered ${status}, expected ${health.expect}`;
  } catch (error) {
    return `GET ${health.path}: ${messageOf(error)}`;
  }
}

/** Undefined when somebody accepts a connection. */
export async function connects(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = net.connect({ host, port, timeout: 1_000 });
  socket.once('connect', () => resolve(undefined));
  socket.once('timeout', () => resolve(`no connection to port ${port} within 1 s`));
  socket.once('error', (error) => resolve(messageOf(error)));
  const problem = await promise;
  socket.destroy();
  return problem;
}
