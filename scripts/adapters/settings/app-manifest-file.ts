import { type Problem, readYaml, renderProblem } from '../../../infra/settings/problems/problems.ts';
import { type AppManifest, appManifestSchema } from '../../domain/app/app-manifest.ts';
import { findBrokenRules } from '../../domain/app/manifest-rules.ts';
import { usage } from '../../domain/errors.ts';
import { readHandwritten } from '../../machine/handwritten-file.ts';

export const appManifestName = 'lockstep.yaml';

/** Everything that is wrong with a manifest's text, from top to bottom; none: it parses. */
export function manifestProblems(text: string, file: string = appManifestName): readonly Problem[] {
  return readYaml(text, file, appManifestSchema, findBrokenRules).problems;
}

/**
 * The manifest in its normalised form.
 * @throws LockstepError usage, with one line of details for every problem
 */
export function parseAppManifest(text: string, file: string = appManifestName): AppManifest {
  const read = readYaml(text, file, appManifestSchema, findBrokenRules);
  if (read.ok) return read.value;
  const count = read.problems.length === 1 ? 'one problem' : `${read.problems.length} problems`;
  throw usage(`${file} has ${count}`, {
    details: read.problems.map(renderProblem),
    fix: 'Correct what is listed and run the command again.',
  });
}

/** Reads `lockstep.yaml` in the root of an app's tree. */
export async function readAppManifest(directory: string): Promise<AppManifest> {
  return parseAppManifest(await readHandwritten(directory, appManifestName));
}
