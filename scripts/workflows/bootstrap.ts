import { type BootstrapStep, planBootstrap } from '../domain/bootstrap-plan.ts';
import { refused } from '../domain/errors.ts';
import { missingKeyLines } from '../domain/state-key.ts';
import type { FoundationEngine } from './ports/foundation.ts';
import type { Reporter } from './ports/reporter.ts';

const titles: Record<BootstrapStep, string> = {
  'create-local': 'create the state on this machine, for now',
  'up-local': 'create the foundation',
  'create-remote': 'create a stack in the bucket',
  migrate: 'move the state into the bucket',
  encrypt: "re-encrypt state secrets with the foundation's key",
  'up-remote': 'update the foundation, with its state in the bucket',
  'forget-local': 'remove the copy on this machine',
};

/**
 * Creates the foundation, or finds that nothing has to change. An interrupted run continues where it stopped.
 *
 * @throws LockstepError refused where the settings don't name the key that encrypts the state
 */
export async function bootstrap(
  engine: FoundationEngine,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<{ steps: readonly BootstrapStep[]; changed: boolean }> {
  await engine.check();
  const steps = await stepsFor(engine);
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

async function stepsFor(engine: FoundationEngine): Promise<readonly BootstrapStep[]> {
  const [local, remote] = [await engine.state('local'), await engine.state('remote')];
  const key = remote === 'full' ? await engine.stateKey() : 'passphrase';
  const steps = planBootstrap(local, remote, key !== 'passphrase');
  if (steps.includes('encrypt')) return steps;
  const missing = missingKeyLines(key, await engine.committedKey());
  if (missing.length === 0) return steps;
  throw refused('infra/foundation/Pulumi.hub.yaml does not name the key that the state is encrypted with', {
    details: missing,
    fix:
      'Write these lines into it, replacing any lines with these names, and commit it: the first `lockstep bootstrap` ' +
      'put them there. Without them this run would encrypt the state with an empty passphrase.',
  });
}
