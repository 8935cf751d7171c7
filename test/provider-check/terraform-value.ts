import type { Value, Values } from '../../scripts/domain/plan/graph.ts';
import type { BlockSchema, TypeSchema } from './provider-schema.ts';

/** How the words of one resource are translated. */
export type Terms = {
  /** Terraform's name of an input in this block; undefined where it has none. */
  member: (block: BlockSchema, input: string) => string | undefined;
  /** What stands for a value of this input. */
  value: (input: string, value: Value) => Value;
  /** A text as a template of Terraform. */
  text: (text: string) => string;
  problem: (where: string, message: string) => void;
};

/**
 * Inputs by the schema of what takes them: names changed, texts made templates, types checked as far as it
 * can be told.
 */
export function translateBlock(
  inputs: Values,
  block: BlockSchema,
  terms: Terms,
  where = '',
): Record<string, unknown> {
  const translated: Record<string, unknown> = {};
  for (const [input, given] of Object.entries(inputs)) {
    const at = where === '' ? input : `${where}.${input}`;
    const name = terms.member(block, input);
    const value = terms.value(input, given);
    const attribute = block.attributes?.[name ?? ''];
    const nested = block.block_types?.[name ?? ''];
    if (name !== undefined && attribute !== undefined) {
      translated[name] = translateValue(value, attribute.type, terms, at);
    } else if (name !== undefined && nested !== undefined) {
      const all = Array.isArray(value) ? value : [value];
      if (all.every(isMap)) {
        translated[name] = all.map((each) => translateBlock(each, nested.block, terms, at));
      } else {
        terms.problem(at, 'is a block, and holds no map');
      }
    } else {
      terms.problem(at, 'the provider has no such input');
    }
  }
  return translated;
}

function translateValue(value: Value, type: TypeSchema, terms: Terms, where: string): unknown {
  if (value === null) return null;
  if (typeof type === 'string') {
    if (typeof value === 'string') return terms.text(value);
    if (typeof value !== 'object') return value;
    terms.problem(where, `is a ${type}, and not what stands there`);
    return null;
  }
  if (type[0] === 'list' || type[0] === 'set') {
    const [kind, of] = type;
    if (Array.isArray(value)) return value.map((each: Value) => translateValue(each, of, terms, where));
    terms.problem(where, `is a ${kind}, and not what stands there`);
    return null;
  }
  if (!isMap(value)) {
    terms.problem(where, 'is a map, and not what stands there');
    return null;
  }
  if (type[0] === 'object') return translateObject(value, type[1], terms, where);
  const [, of] = type;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      terms.text(key),
      translateValue(each, of, terms, `${where}.${key}`),
    ]),
  );
}

/** An attribute that is an object has to be whole: what isn't given is null. */
function translateObject(
  value: Values,
  fields: Readonly<Record<string, TypeSchema>>,
  terms: Terms,
  where: string,
): Record<string, unknown> {
  const attributes = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type }]));
  const empty = Object.fromEntries(Object.keys(fields).map((name) => [name, null]));
  return { ...empty, ...translateBlock(value, { attributes }, terms, where) };
}

function isMap(value: Value): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
