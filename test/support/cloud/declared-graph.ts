import type { Declared } from '../../../infra/policies/rule/declared.ts';
import { secretKey } from '../../../scripts/adapters/pulumi/register-request.ts';
import { type Graph, labelOf, type Value } from '../../../scripts/domain/plan/graph.ts';

/** A recorded graph as policies see a stack: tokens stand for what nobody knows yet, labels for urns. */
export function declaredIn(graph: Graph): readonly Declared[] {
  return graph.resources.map((resource) => {
    const { type, name, inputs, options } = resource;
    const secretInputs: string[] = [];
    return {
      id: labelOf(resource),
      type,
      name,
      protect: options.protect === true,
      props: Object.fromEntries(
        Object.entries(inputs).map(([key, value]) => [key, unwrap(value, key, secretInputs)]),
      ),
      references: (options.propertyDependencies ?? {}) as Record<string, string[]>,
      secretInputs,
    };
  });
}

/**
 * The engine shows policies secrets in the clear; a recording keeps the marks, so that their places can be
 * named.
 */
function unwrap(value: Value, path: string, marked: string[]): Value {
  if (Array.isArray(value)) return value.map((item, index) => unwrap(item, `${path}[${index}]`, marked));
  if (typeof value !== 'object' || value === null) return value;
  const inner = (value as Record<string, Value>)[secretKey];
  if (inner !== undefined) {
    marked.push(path);
    return unwrap(inner, path, marked);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, unwrap(child, `${path}.${key}`, marked)]),
  );
}
