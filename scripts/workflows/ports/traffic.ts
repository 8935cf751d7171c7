import type { ProbeRequest, ProbeResponse } from '../../domain/smoke/probe.ts';

export type RotationState = 'in' | 'out' | 'unhealthy' | 'unknown';

/** The balancer. Taking a host out stops new requests to it, sticky ones too; requests in flight finish. */
export interface Traffic {
  states(hosts: readonly string[]): Promise<ReadonlyMap<string, RotationState>>;
  takeOut(host: string): Promise<void>;
  /** True when the last request in flight has ended, false when the time ran out first. */
  waitDrained(host: string, timeoutSeconds: number, signal?: AbortSignal): Promise<boolean>;
  putIn(host: string): Promise<void>;
  /** True when the balancer's own check sees the host healthy and sends requests to it. */
  waitHealthy(host: string, timeoutSeconds: number, signal?: AbortSignal): Promise<boolean>;
}

/** Requests from the deployer through the environment's public address, each over a fresh connection. */
export interface Probe {
  send(request: ProbeRequest): Promise<ProbeResponse>;
}
