import type { ProbeRequest, ProbeResponse } from '../../domain/smoke/probe.ts';
import { exchange } from '../../machine/http-exchange.ts';
import type { Probe } from '../../workflows/ports/traffic.ts';

/** Requests to one base URL, `http://host:port`, each over a connection of its own. */
export class HttpProbe implements Probe {
  readonly base: URL;

  constructor(base: URL) {
    this.base = base;
  }

  send(request: ProbeRequest): Promise<ProbeResponse> {
    return exchange(this.base, request);
  }
}
