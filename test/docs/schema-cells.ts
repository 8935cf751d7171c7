import { z } from 'zod';
import { unwrap } from '../../infra/settings/problems/schema-path.ts';
import { describe } from '../../infra/settings/problems/schema-words.ts';
import { metaOf } from './schema-meta.ts';

/** What a key takes, in Markdown. */
export function valuesOf(schema: z.core.$ZodType): string {
  const words = wordsOf(schema);
  const { unset } = metaOf(schema);
  // Where nothing is the default, the column of defaults says what it means.
  if (!takesNull(schema) || isNothing(z.safeParse(schema, undefined).data)) return words;
  return `${words}; \`null\`: ${unset ?? ''}`;
}

/** What holds where a key is not written; with `key`, of one key of its default. */
export function fallbackOf(schema: z.core.$ZodType, key?: string): string {
  const absent = z.safeParse(schema, undefined);
  if (!absent.success) return 'required';
  if (isNothing(absent.data)) return metaOf(schema).unset ?? '';
  if (key !== undefined) return code(Reflect.get(Object(absent.data), key));
  if (unwrap(schema) instanceof z.ZodObject) return 'of each key';
  return code(typeof absent.data === 'string' ? absent.data : JSON.stringify(absent.data));
}

function wordsOf(schema: z.core.$ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodEnum) return inner.options.map(code).join(', ');
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(code).join(', ');
  if (inner instanceof z.ZodBoolean) return '`true`, `false`';
  if (inner instanceof z.ZodObject) return 'a map';
  if (inner instanceof z.ZodUnion) return inner.options.map(wordsOf).join(' or ');
  if (inner instanceof z.ZodArray) return `a list of ${plural(wordsOf(inner.element))}`;
  if (inner instanceof z.ZodRecord) {
    const names = describe(inner.keyType);
    const of = names === 'text' ? '' : ` (${names})`;
    return `a map: names${of} to ${plural(wordsOf(inner.valueType))}`;
  }
  return describe(inner);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function takesNull(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodNullable) return true;
  return (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) && takesNull(schema.unwrap());
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

const plurals: readonly (readonly [singular: RegExp, plural: string])[] = [
  [/^text$/, 'texts'],
  [/^text that is not empty$/, 'texts that are not empty'],
  [/^text or a map$/, 'texts or maps'],
  [/^((?:upper|lower)-case .*)$/, 'names ($1)'],
  [/^the id of a (.*)$/, 'ids of $1s'],
  [/^a whole number/, 'whole numbers'],
  [/^a (relative path|path|map|list)\b/, '$1s'],
];

function plural(words: string): string {
  const found = plurals.find(([singular]) => singular.test(words));
  return found === undefined ? words : words.replace(found[0], found[1]);
}
