import path from 'node:path';
import { isAlive, type ProcessIdentity } from '../../../machine/process-identity.ts';
import { DirectoryStore } from '../../../store/directory-store.ts';
import { hostPaths } from '../../place/host.ts';
import { supervisorLock } from '../../place/locks.ts';
import { readSupervisorState } from './supervisor-state.ts';

export type HostProcesses = {
  supervisor: ProcessIdentity | null;
  /** Each is the leader of a process group: a hard stop kills the group, `process.kill(-pid, 'SIGKILL')`. */
  services: { service: string; process: ProcessIdentity }[];
};

/**
 * What lives on a local host. To lose a host as hard as a power failure does: SIGKILL the supervisor first
 * (it would start services anew), then each service's group.
 */
export async function hostProcesses(root: string): Promise<HostProcesses> {
  const paths = hostPaths(path.resolve(root));
  const owner = await supervisorLock(new DirectoryStore(paths.state)).owner();
  const services: HostProcesses['services'] = [];
  for (const { unit, process } of await readSupervisorState(paths.supervisor)) {
    if (process !== null && (await isAlive(process))) services.push({ service: unit.service, process });
  }
  return { supervisor: owner ?? null, services };
}
