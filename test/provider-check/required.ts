import type { BlockSchema, ProviderSchema } from './provider-schema.ts';
import type { TerraformResource } from './translate.ts';

/**
 * What the provider requires and a resource doesn't have. An input that came to undefined is gone from the
 * graph: that it was written at all can't be seen any more, only that it is missing.
 */
export function missingInputs({ resources }: ProviderSchema, resource: TerraformResource): readonly string[] {
  const block = resources[resource.type];
  if (block === undefined) return [`${resource.label}: the provider knows no such type`];
  return missingIn(resource.body, block).map((name) => `${resource.label}.${name} is required`);
}

function missingIn(body: Readonly<Record<string, unknown>>, block: BlockSchema): readonly string[] {
  const { attributes = {}, block_types = {} } = block;
  const absent = Object.entries(attributes)
    .filter(([name, { required }]) => required === true && (body[name] ?? null) === null)
    .map(([name]) => name);
  const nested = Object.entries(block_types).flatMap(([name, { block: inner, min_items = 0 }]) => {
    const given = bodiesIn(body[name]);
    const few = given.length < min_items ? [name] : [];
    return [...few, ...given.flatMap((one) => missingIn(one, inner).map((missing) => `${name}.${missing}`))];
  });
  return [...absent, ...nested];
}

function bodiesIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value : [];
}
