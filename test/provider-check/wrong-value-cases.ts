import { declareFoundation } from '../../infra/foundation/declare-foundation.ts';
import { foundationSchema } from '../../infra/foundation/settings.ts';
import { recordGraph } from '../../scripts/adapters/pulumi/graph-recorder.ts';
import { recordPackedStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import type { Graph } from '../../scripts/domain/plan/graph.ts';
import {
  type Changes,
  exampleSubject,
  foundationExample,
  resolveExample,
} from '../support/cloud/example-settings.ts';
import type { TerraformResource, Translation } from './translate.ts';
import type { WrongValue } from './wrong-values.ts';

/** What the foundation declares by this repository's settings; `changes` are not judged. */
export function recordFoundation(changes: Changes = {}): Promise<Graph> {
  const settings = foundationSchema.parse(foundationExample());
  return recordGraph(() => declareFoundation({ ...settings, ...changes }));
}

export function titleOf(wrong: WrongValue): string {
  const value = JSON.stringify(wrong.value);
  const rest = 'provider' in wrong ? 'and by the provider' : `and not by the provider (${wrong.unchecked})`;
  return `${wrong.path}: ${value} is refused by our schema, ${rest}`;
}

/** Paths and words of what our own schema and rules find. */
export function refusalsOf({ of, path, value, given }: WrongValue): readonly string[] {
  if (of === 'foundation') {
    const parsed = foundationSchema.safeParse(foundationExample({ [path]: value }));
    return parsed.success
      ? []
      : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  }
  const resolved = resolveExample('staging', { ...given, [path]: value });
  return resolved.findings.map((finding) => `${finding.path.join('.')} ${finding.message}`);
}

/**
 * The resources that a wrong value gets into, and the same as they were; `known` keeps what was recorded
 * before.
 */
export async function reachedBy(
  { of, path, value, given = {} }: WrongValue,
  inProviderWords: (graph: Graph) => Translation,
  known: Map<string, ReadonlyMap<string, TerraformResource>>,
): Promise<{ changed: readonly TerraformResource[]; before: readonly TerraformResource[] }> {
  const graph = (changes: Changes) =>
    of === 'foundation'
      ? recordFoundation(changes)
      : recordPackedStack(exampleSubject('staging', given, changes));
  const key = `${of} ${JSON.stringify(given)}`;
  const right =
    known.get(key) ??
    new Map(inProviderWords(await graph({})).resources.map((resource) => [resource.label, resource]));
  known.set(key, right);
  const changed = inProviderWords(await graph({ [path]: value })).resources.filter(
    (resource) => JSON.stringify(resource.body) !== JSON.stringify(right.get(resource.label)?.body),
  );
  if (changed.length === 0) throw new Error(`${path}: ${JSON.stringify(value)} reaches no resource`);
  return { changed, before: changed.flatMap(({ label }) => right.get(label) ?? []) };
}

/** A resource by itself: what it refers to is unknown until an apply, as it is in the plan of the whole. */
export function alone(resource: TerraformResource, prefix: string): TerraformResource {
  const body = JSON.parse(JSON.stringify(resource.body), (_, value: unknown) =>
    typeof value === 'string'
      ? value.replaceAll(/\$\{[^{}]*\baws_[^{}]*\}/g, '${terraform_data.elsewhere.id}')
      : value,
  );
  const name = `${prefix}${resource.name}`;
  return { ...resource, name, body, provider: 'alone', ignoreChanges: [], dependsOn: [] };
}
