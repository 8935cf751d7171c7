import { z } from 'zod';
import { unwrap } from './schema-path.ts';

/** Messages written in a schema, told from zod's own by how the latter begin. */
export function ownMessage(message: string): string | undefined {
  return /^(Invalid|Too (small|big)|Unrecognized)\b/.test(message) ? undefined : message;
}

const formats: Readonly<Record<string, string>> = {
  date: 'a date such as 2027-03-31',
  uri: 'a URL',
  email: 'an e-mail address',
  cidrv4: 'an IPv4 range such as 10.20.0.0/16',
};

/** What a schema takes, in a few words. */
export function describe(schema: z.core.$ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodDiscriminatedUnion) return `a map with ${choiceOf(inner)}`;
  if (inner instanceof z.ZodUnion) return inner.options.map(describe).join(' or ');
  // `z.json()` refers to itself.
  if (inner instanceof z.ZodLazy) return 'any value';
  const json = z.toJSONSchema(inner, { unrepresentable: 'any', io: 'input' });
  if (json.const !== undefined) return String(json.const);
  if (json.enum !== undefined) return json.enum.map(String).join(', ');
  if (json.type === 'boolean') return 'true or false';
  if (json.type === 'integer' || json.type === 'number') return numberRange(json);
  if (json.type === 'array') return ownRule(inner) ?? 'a list';
  if (inner instanceof z.ZodObject) return `a map with the keys ${Object.keys(inner.shape).join(', ')}`;
  if (json.type === 'object') return 'a map';
  if (json.type === 'string') {
    return ownRule(inner) ?? formats[json.format ?? ''] ?? textRule(json);
  }
  return 'another value';
}

function choiceOf({ def, options }: z.ZodDiscriminatedUnion): string {
  const words = options.flatMap((option) =>
    option instanceof z.ZodObject ? [describe(option.shape[def.discriminator])] : [],
  );
  return `${def.discriminator}: ${words.join(' or ')}`;
}

/** What a schema itself says of values that hardly any schema takes. */
function ownRule(schema: z.core.$ZodType): string | undefined {
  const messages = ['', '\0', []].flatMap(
    (value) => z.safeParse(schema, value).error?.issues[0]?.message ?? [],
  );
  return messages.map(ownMessage).find((message) => message !== undefined);
}

function numberRange({ type, minimum, maximum, exclusiveMinimum }: z.core.JSONSchema.BaseSchema): string {
  const whole = type === 'integer' ? 'a whole number' : 'a number';
  // `positive()` is "more than 0": for whole numbers, 1 or more.
  const least = typeof exclusiveMinimum === 'number' && type === 'integer' ? exclusiveMinimum + 1 : minimum;
  const from = least === undefined || least <= Number.MIN_SAFE_INTEGER ? undefined : least;
  const to = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (from !== undefined && to !== undefined) return `${whole} from ${from} to ${to}`;
  if (from !== undefined) return `${whole}, ${from} or more`;
  return to === undefined ? whole : `${whole}, ${to} or less`;
}

function textRule({ pattern, minLength }: z.core.JSONSchema.BaseSchema): string {
  if (pattern !== undefined) return pattern === '^\\/.*' ? 'text that starts with /' : `text like ${pattern}`;
  return minLength === undefined ? 'text' : 'text that is not empty';
}
