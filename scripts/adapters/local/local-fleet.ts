import type { z } from 'zod';
import { errored } from '../../domain/errors.ts';
import { type Verb, type VerbAnswer, type VerbRequest, verbs } from '../../domain/order/host-protocol.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { type Fleet, type HostRef, HostUnreachable } from '../../workflows/ports/hosts.ts';
import { type AgentEnvironment, runAgent } from './agent-process.ts';
import type { Topology } from './local-topology.ts';

export type LocalFleetOptions = {
  /** Read anew for every call: hosts come, go and are lost while a deployment runs. */
  topology: () => Promise<Topology>;
  rootOf: (host: string) => string;
  store: ObjectStore;
  environment: AgentEnvironment;
};

/** The hosts of a local environment: agents as separate processes, each in a root of its own. */
export class LocalFleet implements Fleet {
  readonly #options: LocalFleetOptions;

  constructor(options: LocalFleetOptions) {
    this.#options = options;
  }

  async inventory(): Promise<readonly HostRef[]> {
    const { hosts } = await this.#options.topology();
    // By code unit, as every list of the project is sorted: staging-10 stands before staging-2.
    return hosts.map(({ name }) => ({ name })).sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  async call<V extends Verb>(
    host: string,
    verb: V,
    request: VerbRequest<V>,
    signal?: AbortSignal,
  ): Promise<VerbAnswer<V>> {
    const { topology, rootOf, store, environment } = this.#options;
    const { app, environment: name, hosts, agent } = await topology();
    const found = hosts.find(({ name }) => name === host);
    if (found === undefined) throw new HostUnreachable(host, 'it is not a host of this environment');
    if (found.lost) throw new HostUnreachable(host, 'it is down');
    if (found.poweredOn === null) throw new HostUnreachable(host, 'the local environment is not up');
    const answer = await runAgent(
      { app, environment: name, host, root: rootOf(host), agent },
      verb,
      request,
      {
        store,
        environment,
        signal,
      },
    );
    return parseAnswer(host, verb, answer);
  }
}

/**
 * Another version of the agent may answer in another shape: that is the machinery's fault, not the release's.
 */
export function parseAnswer<V extends Verb>(host: string, verb: V, answer: unknown): VerbAnswer<V> {
  const schema: z.ZodType = verbs[verb].answer;
  const parsed = schema.safeParse(answer);
  if (!parsed.success) {
    throw errored(`${host} answers ${verb} in a shape that this version doesn't know`, {
      details: parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`),
    });
  }
  return parsed.data as VerbAnswer<V>;
}
