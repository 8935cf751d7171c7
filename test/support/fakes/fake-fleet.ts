import { canonicalJson } from '../../../scripts/domain/canonical.ts';
import { failed, refused } from '../../../scripts/domain/errors.ts';
import type { Attestation } from '../../../scripts/domain/order/attestation.ts';
import type { Verb, VerbAnswer, VerbRequest } from '../../../scripts/domain/order/host-protocol.ts';
import type { ProbeResponse } from '../../../scripts/domain/smoke/probe.ts';
import type { EnvironmentRecords } from '../../../scripts/workflows/environment/environment-records.ts';
import { type Fleet, HostUnreachable } from '../../../scripts/workflows/ports/hosts.ts';

/**
 * What a test may make a fake host do wrong. `answer-lost`: it activates, and the answer does not come;
 * `old-answer`: it attests with the nonce of another question; `other-host`: it attests in another's name.
 */
export type FakeFault =
  | 'unreachable'
  | 'unhealthy'
  | 'damaged'
  | 'suite-fails'
  | 'answer-lost'
  | 'old-answer'
  | 'other-host'
  | undefined;

type FakeHost = {
  fence: number;
  order: number | null;
  restarts: number;
  fault: (release: string) => FakeFault;
};

/**
 * Hosts in memory that keep the rules of the agent which the rollout relies on: a fence that only rises,
 * content that changes at `activate` alone, attestations read from what is there.
 */
export class FakeFleet implements Fleet {
  readonly hosts = new Map<string, FakeHost>();
  readonly calls: string[] = [];
  /** Called before each verb: a test's hook for hosts that appear, signals, killed deployers. */
  onCall: (host: string, verb: Verb) => void | Promise<void> = () => {};
  readonly #records: EnvironmentRecords;

  constructor(records: EnvironmentRecords, names: readonly string[]) {
    this.#records = records;
    for (const name of names) this.add(name);
  }

  /** A host that is known to be there. */
  host(name: string): FakeHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  /** What goes wrong on a host; by the release that it runs or is to run. */
  fail(name: string, fault: FakeFault, release?: string): void {
    this.host(name).fault = (running) => (release === undefined || running === release ? fault : undefined);
  }

  add(name: string): void {
    this.hosts.set(name, { fence: 0, order: null, restarts: 0, fault: () => undefined });
  }

  async inventory() {
    return [...this.hosts.keys()].sort().map((name) => ({ name }));
  }

  async call<V extends Verb>(host: string, verb: V, request: VerbRequest<V>): Promise<VerbAnswer<V>> {
    await this.onCall(host, verb);
    this.calls.push(`${host} ${verb}`);
    return (await this.#answer(host, verb, request)) as VerbAnswer<V>;
  }

  async #answer(name: string, verb: Verb, request: unknown): Promise<unknown> {
    const host = this.hosts.get(name);
    const running = host?.order == null ? undefined : await this.#records.order(host.order);
    if (host === undefined || host.fault(running?.release ?? '') === 'unreachable') {
      throw new HostUnreachable(name, 'it is switched off');
    }
    switch (verb) {
      case 'stage': {
        const { order: n } = request as { order?: number };
        if (n !== undefined) this.#raise(host, n);
        return { filesReused: 0, filesFetched: 1, bytesFetched: 10 };
      }
      case 'activate': {
        const { order: n } = request as VerbRequest<'activate'>;
        this.#raise(host, n);
        const wanted = await this.#records.order(n);
        if (wanted === undefined) throw failed(`no order ${n}`);
        const same = running !== undefined && content(running) === content(wanted);
        const damaged = host.fault(wanted.release) === 'damaged';
        host.order = n;
        if (host.fault(wanted.release) === 'answer-lost') throw new HostUnreachable(name, 'no answer');
        if (same && !damaged) return { changed: false, healthy: true, failure: null };
        host.restarts++;
        if (host.fault(wanted.release) === 'unhealthy') {
          return {
            changed: true,
            healthy: false,
            failure: { service: 'web', reason: 'answers 500', log: ['boom'] },
          };
        }
        return { changed: true, healthy: true, failure: null };
      }
      case 'deactivate':
        host.order = null;
        return { stopped: ['web'] };
      case 'attest':
        return this.#attest(name, host, (request as VerbRequest<'attest'>).nonce);
      case 'probe': {
        const bad = host.fault(running?.release ?? '') === 'suite-fails';
        const { requests } = request as VerbRequest<'probe'>;
        const status = bad ? 500 : 200;
        const response: ProbeResponse = { status, headers: {}, setCookies: [], body: '', truncated: false };
        return { responses: requests.map(() => response) };
      }
      default:
        throw failed(`the fake fleet has no ${verb}`);
    }
  }

  #raise(host: FakeHost, n: number): void {
    if (n < host.fence) throw refused(`order ${n} is older than order ${host.fence}`);
    host.fence = n;
  }

  async #attest(name: string, host: FakeHost, nonce: string): Promise<Attestation> {
    const order = host.order === null ? undefined : await this.#records.order(host.order);
    const fault = host.fault(order?.release ?? '');
    const damaged = order !== undefined && fault === 'damaged';
    return {
      app: this.#records.app,
      environment: this.#records.environment,
      host: fault === 'other-host' ? `not-${name}` : name,
      nonce: fault === 'old-answer' ? 'the nonce of yesterday' : nonce,
      at: new Date(0).toISOString(),
      fence: host.fence,
      order: host.order,
      release: order?.release ?? null,
      damage: { changed: damaged ? ['server.js'] : [], missing: [], extra: [], count: damaged ? 1 : 0 },
      config: order?.config ?? null,
      configValues: {},
      secrets: (order?.secrets ?? []).map((secret) => ({ ...secret, hash: 'h' })),
      bindings: {},
      runtimes: {},
      osPackages: null,
      activatedAt: null,
      processes:
        order === undefined
          ? []
          : [{ service: 'web', pid: 1, startedAt: new Date(0).toISOString(), restarts: 0, lastExit: null }],
      sharedDirectory: null,
      agent: '0'.repeat(64),
    };
  }
}

const content = ({ release, config, secrets }: { release: string; config: string; secrets: unknown }) =>
  canonicalJson({ release, config, secrets });
