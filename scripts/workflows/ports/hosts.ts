import type { Verb, VerbAnswer, VerbRequest } from '../../domain/order/host-protocol.ts';

export type HostRef = { name: string };

/** A verb did not reach the host, or its answer did not come back: the host is down, or the agent died. */
export class HostUnreachable extends Error {
  readonly host: string;
  constructor(host: string, reason: string) {
    super(`${host} does not answer: ${reason}`);
    this.name = 'HostUnreachable';
    this.host = host;
  }
}

export interface Fleet {
  /** The hosts that make up the environment now, whether they answer or not, sorted by name. */
  inventory(): Promise<readonly HostRef[]>;
  /**
   * Runs one verb of the agent on one host.
   * @throws HostUnreachable when no answer comes; LockstepError of the agent's own kind when it answers with
   * an error.
   */
  call<V extends Verb>(
    host: string,
    verb: V,
    request: VerbRequest<V>,
    signal?: AbortSignal,
  ): Promise<VerbAnswer<V>>;
}
