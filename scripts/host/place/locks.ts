import type { ObjectStore } from '../../store/object-store.ts';
import { ProcessLock } from '../../store/process-lock.ts';

/** Held by the verb that changes a host. `state`: the host's own records. */
export const verbLock = (state: ObjectStore) => new ProcessLock(state, 'lock.json', 'the host');

/** Held by the process that keeps a local host's services running, as long as it lives. */
export const supervisorLock = (state: ObjectStore) =>
  new ProcessLock(state, 'supervisor.json', "the host's supervisor");
