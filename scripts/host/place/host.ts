import path from 'node:path';
import type { HostProvisioning } from '../../domain/order/host-protocol.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { Supervisor } from './supervisor.ts';

/** One machine as its agent sees it: what verbs work on. Nothing ambient is read below this. */
export type Host = {
  root: string;
  provisioning: HostProvisioning;
  /** The release store. */
  store: ObjectStore;
  /** `<root>/state`: compare-and-swap records of this host alone. */
  state: ObjectStore;
  supervisor: Supervisor;
  /** SHA-256 of the agent's own file. */
  agent: string;
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  now: () => Date;
};

/** Where things lie under a host's root. The one place that spells them. */
export const hostPaths = (root: string) => ({
  provisioning: path.join(root, 'host.json'),
  state: path.join(root, 'state'),
  releases: path.join(root, 'releases'),
  activations: path.join(root, 'activations'),
  current: path.join(root, 'current'),
  /** A link to the directory that all hosts of the environment share. */
  shared: path.join(root, 'shared'),
  scratch: path.join(root, 'scratch'),
  home: path.join(root, 'scratch', '.home'),
  temporary: path.join(root, 'scratch', '.tmp'),
  logs: path.join(root, 'logs'),
  log: (service: string) => path.join(root, 'logs', `${service}.log`),
  supervisor: path.join(root, 'supervisor'),
});
