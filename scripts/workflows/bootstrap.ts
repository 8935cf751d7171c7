import { type BootstrapStep, planBootstrap } from '../domain/bootstrap-plan.ts';
import type { FoundationEngine } from './ports/foundation.ts';
import type { Reporter } from './ports/reporter.ts';

const titles: Record<BootstrapStep, string> = {
  'create-local': 'state on this machine, for the time being',
  'up-local': 'the foundation is made',
  'create-remote': 'a stack in the bucket',
  migrate: 'the state moves into the bucket',
  encrypt: "secrets of the state go by the foundation's key",
  'up-remote': 'the foundation, by the state in the bucket',
  'forget-local': 'the copy on this machine goes',
};

/**
 * Makes the foundation, or finds that nothing is to be changed. An interrupted run is taken up where it
 * stopped.
 */
export async function bootstrap(
  engine: FoundationEngine,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<{ steps: readonly BootstrapStep[]; changed: boolean }> {
  await engine.check();
  const steps = planBootstrap(await engine.state('local'), await engine.state('remote'));
  let changed = steps.length > 1;
  const up = async (place: 'local' | 'remote') => {
    const outcome = await engine.up(place);
    changed ||= outcome.changed;
  };
  const does: Record<BootstrapStep, () => Promise<void>> = {
    'create-local': () => engine.create('local'),
    'up-local': () => up('local'),
    'create-remote': () => engine.create('remote'),
    migrate: () => engine.migrate(),
    encrypt: () => engine.encrypt(),
    'up-remote': () => up('remote'),
    'forget-local': () => engine.forgetLocal(),
  };
  for (const step of steps) {
    signal.throwIfAborted();
    await reporter.step(titles[step], () => does[step]());
  }
  return { steps, changed };
}
