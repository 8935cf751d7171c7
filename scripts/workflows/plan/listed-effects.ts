import type { Settings } from '../../../infra/settings/config.ts';
import { compareGraphs, type GraphDifference } from '../../domain/plan/graph-difference.ts';
import { isPipelinePath, type ListedEffect, unexplained } from '../../domain/plan/plan.ts';
import { type Declarations, pathsOf, withOnly } from './declarations.ts';

/**
 * What each listed difference does: applied alone to the base or, where that is not valid, removed from the
 * whole.
 */
export async function listedEffects(
  settings: Settings,
  declarations: Declarations,
): Promise<readonly ListedEffect[]> {
  const paths = pathsOf(settings);
  const only = (applied: readonly string[]) => declarations.ofPlaceholder(withOnly(settings, applied));
  const base = await only([]);
  const whole = await only(paths);
  const effects: ListedEffect[] = [];
  for (const { path, value, base: was, reason, until } of settings.differences) {
    const alone = await attempt(async () => compareGraphs(base, await only([path])));
    const without = async () => compareGraphs(await only(paths.filter((other) => other !== path)), whole);
    const whenRemoved = alone?.length ? [] : ((await attempt(without)) ?? []);
    const changes = [...(alone ?? []), ...whenRemoved];
    effects.push({ path, value, base: was, reason, until, changes, pipeline: isPipelinePath(path) });
  }
  return withShared(effects, compareGraphs(base, whole));
}

/** Changes that only several differences together cause belong to each of them. */
function withShared(
  effects: readonly ListedEffect[],
  all: readonly GraphDifference[],
): readonly ListedEffect[] {
  const rest = unexplained(
    all,
    effects.flatMap(({ changes }) => changes),
  );
  const several = effects.filter(({ pipeline }) => !pipeline);
  if (rest.length === 0 || several.length < 2) return effects;
  return effects.map((effect) =>
    effect.pipeline ? effect : { ...effect, changes: [...effect.changes, ...rest] },
  );
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    // Alone, a difference may break a rule that it keeps together with others; its effect is then found by
    // removing it.
    return undefined;
  }
}
