import { z } from 'zod';
import { nearest } from './nearest.ts';
import type { Finding, Path } from './problem.ts';
import { valueAt } from './problem.ts';
import { knownKeys, schemaAt, unwrap } from './schema-path.ts';

type Issue = z.core.$ZodIssue;

/** Every issue of a failed parse in the words of findings. `input`: the value that was parsed with `schema`. */
export function findingsOf(error: z.core.$ZodError, schema: z.core.$ZodType, input: unknown): Finding[] {
  return error.issues.flatMap((issue) => findingsOfIssue(issue, [], schema, input));
}

function findingsOfIssue(issue: Issue, prefix: Path, schema: z.core.$ZodType, input: unknown): Finding[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const value = valueAt(input, path);
  const leaf = schemaAt(schema, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(schema, path);
      return issue.keys.map((key) => unknownKey([...path, key], key, known));
    }
    case 'invalid_union': {
      const branch = likeliestBranch(issue.errors);
      if (branch !== undefined) {
        return branch.flatMap((inner) => findingsOfIssue(inner, path, schema, input));
      }
      break;
    }
    case 'invalid_key':
      return [unfitName(path, issue.issues[0]?.message ?? 'another name')];
    case 'custom':
      return [customFinding(issue, path)];
    default:
  }
  const allowed = allowedBy(issue, leaf);
  if (value === undefined) {
    const name = path.at(-1);
    return [{ path, message: 'missing', allowed, fix: `add ${typeof name === 'string' ? name : 'it'}` }];
  }
  return [{ path, message: whatIsWrong(issue), allowed, fix: fixFor(value, leaf, allowed) }];
}

function unknownKey(path: Path, word: string, known: readonly string[]): Finding {
  const allowed = known.length === 0 ? 'no key' : known.join(', ');
  return { path, message: 'unknown key', got: word, allowed, fix: 'remove it', unknownName: { word, known } };
}

function unfitName(path: Path, allowed: string): Finding {
  const name = String(path.at(-1));
  return { path, message: 'this name is not accepted', got: name, allowed, fix: 'rename it' };
}

/** Rules in schemas may say more in `params: {message, allowed, fix}`; a bare message is what is allowed. */
function customFinding(issue: Extract<Issue, { code: 'custom' }>, path: Path): Finding {
  const { message, allowed, fix } = issue.params ?? {};
  return {
    path,
    message: typeof message === 'string' ? message : 'not accepted',
    allowed: typeof allowed === 'string' ? allowed : issue.message,
    fix: typeof fix === 'string' ? fix : 'change it to what is allowed',
  };
}

/** Of a union's branches the one that the writer meant: its type fits, and it has the fewest complaints. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fits = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  );
  return fits.toSorted((left, right) => left.length - right.length)[0];
}

function whatIsWrong(issue: Issue): string {
  if (issue.code === 'invalid_type') return 'wrong type';
  if (issue.code === 'too_small') return 'too small';
  if (issue.code === 'too_big') return 'too big';
  return 'not an allowed value';
}

function allowedBy(issue: Issue, leaf: z.core.$ZodType | undefined): string {
  const described = leaf === undefined ? undefined : describe(leaf);
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code === 'invalid_format') return ownMessage(issue.message) ?? described ?? issue.format;
  if (issue.code === 'too_small' && issue.origin === 'array') {
    return ownMessage(issue.message) ?? `a list of at least ${issue.minimum}`;
  }
  if (issue.code === 'too_small' && issue.origin === 'string') {
    return ownMessage(issue.message) ?? 'text that is not empty';
  }
  return described ?? ownMessage(issue.message) ?? 'another value';
}

/** Messages written in a schema, told from zod's own by how the latter begin. */
function ownMessage(message: string): string | undefined {
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
  const json = z.toJSONSchema(inner, { unrepresentable: 'any', io: 'input' });
  if (json.enum !== undefined) return json.enum.map(String).join(', ');
  if (json.type === 'boolean') return 'true or false';
  if (json.type === 'integer' || json.type === 'number') return numberRange(json);
  if (json.type === 'array') return 'a list';
  if (inner instanceof z.ZodObject) return `a map with the keys ${Object.keys(inner.shape).join(', ')}`;
  if (json.type === 'object') return 'a map';
  if (json.type === 'string') {
    return formats[json.format ?? ''] ?? ownRule(inner) ?? textRule(json);
  }
  return 'another value';
}

/** What a text schema itself says of texts that hardly any schema takes. */
function ownRule(schema: z.core.$ZodType): string | undefined {
  const messages = ['', '\0'].flatMap((text) => z.safeParse(schema, text).error?.issues[0]?.message ?? []);
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

/** The edit that would do: quotes where YAML saw a number, or the same word in the wanted spelling. */
function fixFor(value: unknown, leaf: z.core.$ZodType | undefined, allowed: string): string {
  if (leaf !== undefined) {
    const scalar = typeof value === 'number' || typeof value === 'boolean';
    if (scalar && describesText(leaf)) return 'put it in quotes';
    if (typeof value === 'string' && value.trim() !== '') {
      if (z.safeParse(leaf, Number(value)).success) return 'remove the quotes';
      const spelled = spellings(value).find((candidate) => z.safeParse(leaf, candidate).success);
      const options = leaf instanceof z.ZodEnum ? leaf.options.map(String) : [];
      const meant = nearest(value, options) ?? spelled;
      if (meant !== undefined) return `write ${meant}`;
    }
  }
  return `write ${allowed}`;
}

function describesText(leaf: z.core.$ZodType): boolean {
  return z.toJSONSchema(leaf, { unrepresentable: 'any', io: 'input' }).type === 'string';
}

function spellings(value: string): readonly string[] {
  const lower = value.toLowerCase();
  return [
    lower,
    lower.replaceAll(/[_\s]+/g, '-'),
    value.toUpperCase(),
    value.toUpperCase().replaceAll('-', '_'),
    `/${value}`,
  ];
}
