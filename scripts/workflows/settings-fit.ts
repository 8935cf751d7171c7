import { nearest, type Settings, type Target, valuesFor } from '../../infra/config.ts';
import type { AppManifest } from '../domain/app-manifest.ts';
import { checkValues, factsProblems } from '../domain/app-values.ts';
import { usage } from '../domain/errors.ts';

/** Where the settings of an environment and an app's manifest don't fit each other, a line each. */
export function settingsProblems(manifest: AppManifest, settings: Settings, target: Target): string[] {
  const own = { ...settings.env, ...(target === 'local' ? settings.local.env : {}) };
  const problems = [
    ...factsProblems(manifest, settings.app),
    ...checkValues(manifest, valuesFor(settings, target), { nearest }),
    // What stands in an environment's own file must be its own: a shared value there would be an unlisted difference.
    ...checkValues(manifest, own, { perEnvironmentOnly: true, nearest }),
  ];
  return [...new Set(problems)];
}

/** @throws LockstepError usage, naming everything in which they differ */
export function checkSettings(manifest: AppManifest, settings: Settings, target: Target): void {
  const problems = settingsProblems(manifest, settings, target);
  if (problems.length === 0) return;
  throw usage(`lockstep.yaml of ${manifest.name} and the settings of ${settings.environment} disagree`, {
    details: problems,
    fix: 'Bring lockstep.yaml, Pulumi.yaml and the file of the environment into line.',
  });
}
