import { attributesOf } from '../../../infra/aws/sdk-attributes.ts';
import { token, type Value, type Values } from '../../domain/plan/graph.ts';
import { shapeOf } from './attribute-shapes.ts';

/**
 * What a resource is once it exists: its inputs, and for every attribute that AWS computes a token, or
 * members of tokens where programs look into it.
 *
 * @param name what tokens are made of
 */
export function stateOf(type: string, name: string, inputs: Values): Values {
  const state: Record<string, Value> = { ...inputs };
  for (const [attribute, kind] of attributesOf(type) ?? []) {
    if (state[attribute] !== undefined) continue;
    const shape = shapeOf(type, attribute);
    if (shape !== undefined) state[attribute] = shape(name, inputs);
    else if (kind === 'scalar') state[attribute] = token(name, attribute);
  }
  return state;
}
