import { errored } from '../../domain/errors.ts';
import { hostPaths } from '../../host/place/host.ts';
import { verbLock } from '../../host/place/locks.ts';
import { hostProcesses } from '../../host/services/local/host-processes.ts';
import { identityOf, isAlive, type ProcessIdentity, signalProcess } from '../../machine/process-identity.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import type { Clock } from '../../workflows/ports/clock.ts';

/** Changes whenever the machine is started anew: no process of before lives then. */
export async function machinePower(): Promise<string> {
  const first = await identityOf(1);
  if (first === undefined)
    throw errored('process 1 of this machine is not visible, so it is unknown when the machine started');
  return first.birth;
}

/** Whether anything of a host lives: supervisor, services, a verb that holds its lock. */
export async function isHostAlive(root: string): Promise<boolean> {
  return (await everything(root)).length > 0;
}

/**
 * SIGKILL to everything that a host runs, as a power failure would: the verb at work and the supervisor first
 * (they start processes), then the group of each service. Returns when nothing is left.
 */
export async function cutPower(root: string, clock: Clock): Promise<void> {
  for (;;) {
    const living = await everything(root);
    if (living.length === 0) return;
    for (const { process, to } of living) await signalProcess(process, 'SIGKILL', to);
    for (const { process } of living) while (await isAlive(process)) await clock.wait(10);
  }
}

type Living = { process: ProcessIdentity; to: 'process' | 'group' };

async function everything(root: string): Promise<Living[]> {
  const verb = await verbLock(new DirectoryStore(hostPaths(root).state)).owner();
  const { supervisor, services } = await hostProcesses(root);
  return [
    ...[verb, supervisor].flatMap((process): Living[] =>
      process === undefined || process === null ? [] : [{ process, to: 'process' }],
    ),
    ...services.map(({ process }): Living => ({ process, to: 'group' })),
  ];
}
