import { z } from 'zod';
import type { Path } from './problem.ts';

/**
 * The schema of what stands at `path`; undefined where nothing may stand there. Unions: the first branch that
 * has it.
 */
export function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  const inner = unwrap(schema);
  const [part, ...rest] = path;
  if (part === undefined) return inner;
  if (inner instanceof z.ZodUnion) {
    for (const option of inner.options) {
      const found = schemaAt(option, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const next = stepInto(inner, part);
  return next === undefined ? undefined : schemaAt(next, rest);
}

function stepInto(schema: z.core.$ZodType, part: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    return Object.hasOwn(schema.shape, part) ? schema.shape[part] : undefined;
  }
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

/** Takes off what only says "may be absent" or "has a default". */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

/** The keys that a map may have at `path`; empty where it takes any name. */
export function knownKeys(schema: z.core.$ZodType, path: Path): readonly string[] {
  const found = schemaAt(schema, path);
  if (found instanceof z.ZodObject) return Object.keys(found.shape);
  if (found instanceof z.ZodUnion) return found.options.flatMap((option) => knownKeys(option, []));
  return [];
}

/** Dotted paths of everything under `schema` that isn't itself a map with fixed keys. */
export function leafPaths(schema: z.core.$ZodType, prefix: readonly string[] = []): readonly string[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [prefix.join('.')];
  return Object.entries(inner.shape).flatMap(([key, child]) => leafPaths(child, [...prefix, key]));
}
