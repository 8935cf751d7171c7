import { errored, failed, messageOf } from '../../domain/errors.ts';
import { exchange } from '../../machine/http-exchange.ts';
import type { Clock } from '../../workflows/ports/clock.ts';
import type { RotationState, Traffic } from '../../workflows/ports/traffic.ts';
import { type BalancerServer, backendName } from './haproxy-config.ts';
import type { HaproxyProcess } from './haproxy-process.ts';
import { parseStatistics, type ServerStatistics } from './haproxy-socket.ts';

const pollMilliseconds = 25;
const probeTimeoutSeconds = 10;

/**
 * Rotation by HAProxy's runtime socket. Out is `maint`, not `drain`: a drained server still gets the requests
 * that carry its cookie, while `maint` with `redispatch` sends them elsewhere and lets requests in flight
 * finish.
 */
export class HaproxyTraffic implements Traffic {
  readonly #balancer: HaproxyProcess;
  readonly #clock: Clock;

  constructor(balancer: HaproxyProcess, clock: Clock) {
    this.#balancer = balancer;
    this.#clock = clock;
  }

  async states(hosts: readonly string[]): Promise<ReadonlyMap<string, RotationState>> {
    const servers = await this.#statistics().catch(() => new Map<string, ServerStatistics>());
    return new Map(hosts.map((host) => [host, stateOf(servers.get(host)?.status)]));
  }

  async takeOut(host: string): Promise<void> {
    await this.#server(host);
    await this.#balancer.setOut(host, true, () =>
      this.#command(`set server ${backendName}/${host} state maint`),
    );
  }

  async waitDrained(host: string, timeoutSeconds: number, signal?: AbortSignal): Promise<boolean> {
    return this.#until(timeoutSeconds, signal, async () => {
      const server = (await this.#statistics()).get(host);
      return server === undefined || server.currentSessions + server.queued === 0;
    });
  }

  /**
   * A server that leaves `maint` counts as up before its first check, so the host is asked from here first,
   * and then declared down to the balancer, which sends it requests when its own check has passed.
   *
   * @throws LockstepError failed when the host doesn't answer its health check.
   */
  async putIn(host: string): Promise<void> {
    const server = await this.#server(host);
    await this.#probe(server);
    const name = `${backendName}/${host}`;
    await this.#balancer.setOut(host, false, async () => {
      // Already in: declaring it down would take requests from a healthy host.
      if (stateOf((await this.#statistics()).get(host)?.status) !== 'out') return;
      await this.#command(`set server ${name} state ready; set server ${name} health down`);
    });
  }

  async waitHealthy(host: string, timeoutSeconds: number, signal?: AbortSignal): Promise<boolean> {
    return this.#until(
      timeoutSeconds,
      signal,
      async () => stateOf((await this.#statistics()).get(host)?.status) === 'in',
    );
  }

  async #probe({ name, address, port }: BalancerServer): Promise<void> {
    const path = (await this.#balancer.read())?.healthPath ?? null;
    if (path === null) return;
    const request = {
      method: 'GET',
      path,
      headers: {},
      body: null,
      timeoutSeconds: probeTimeoutSeconds,
    };
    const found = await exchange(new URL(`http://${address}:${port}`), request).then(
      ({ status }) => (status >= 200 && status < 400 ? null : `status ${status}`),
      messageOf,
    );
    if (found === null) return;
    throw failed(`${name} is not put into rotation: GET ${path} gave ${found}, wanted 200 to 399`, {
      fix: `Look at its log lines; \`lockstep status ENV\` shows what it runs.`,
    });
  }

  async #server(host: string): Promise<BalancerServer> {
    const servers = (await this.#balancer.read())?.servers ?? [];
    const server = servers.find(({ name }) => name === host);
    if (server !== undefined) return server;
    throw errored(`the balancer has no host ${JSON.stringify(host)}`, {
      details: [`hosts: ${servers.map(({ name }) => name).join(', ') || 'none'}`],
    });
  }

  async #statistics(): Promise<Map<string, ServerStatistics>> {
    return parseStatistics(await this.#balancer.ask('show stat -1 4 -1'), backendName);
  }

  /** HAProxy answers nothing but line ends when it did as told. */
  async #command(command: string): Promise<void> {
    const answer = await this.#balancer.ask(command);
    if (answer !== '') throw errored(`the balancer refused \`${command}\`: ${answer}`);
  }

  async #until(
    timeoutSeconds: number,
    signal: AbortSignal | undefined,
    holds: () => Promise<boolean>,
  ): Promise<boolean> {
    const giveUpAt = this.#clock.monotonic() + timeoutSeconds * 1000;
    while (!(await holds())) {
      if (this.#clock.monotonic() >= giveUpAt) return false;
      await this.#clock.wait(pollMilliseconds, signal);
    }
    return true;
  }
}

/**
 * `MAINT`, `MAINT (resolution)`, `UP`, `UP 1/3` (going down), `DOWN`, `DOWN 1/2`, `no check`, `DRAIN`,
 * `NOLB`.
 */
function stateOf(status: string | undefined): RotationState {
  if (status === undefined) return 'unknown';
  if (status.startsWith('MAINT')) return 'out';
  if (status.startsWith('UP') || status === 'no check') return 'in';
  return 'unhealthy';
}
