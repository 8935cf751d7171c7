import { z } from 'zod';
import { nearest } from './nearest.ts';
import type { Finding, Path } from './problem.ts';
import { valueAt } from './problem.ts';
import { knownKeys, schemaAt, unwrap } from './schema-path.ts';
import { describe, ownMessage } from './schema-words.ts';

type Issue = z.core.$ZodIssue;

/**
 * Every issue of a failed parse in the words of findings. `input`: the value that was parsed with `schema`.
 */
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
      return [unfitName(path, issue.issues[0]?.message ?? 'another name', schema)];
    case 'custom':
      return [customFinding(issue, path, value, leaf)];
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

function unfitName(path: Path, allowed: string, schema: z.core.$ZodType): Finding {
  const name = String(path.at(-1));
  const around = schemaAt(schema, path.slice(0, -1));
  const fits =
    around instanceof z.ZodRecord
      ? spellings(name).find((candidate) => z.safeParse(around.keyType, candidate).success)
      : undefined;
  const fix = fits === undefined ? 'rename it' : `write ${fits}`;
  return { path, message: 'this name is not accepted', got: name, allowed, fix };
}

/**
 * Rules in schemas may say more in `params: {message, allowed, fix}`. A bare message says of a scalar what is
 * allowed, of anything larger what is wrong with it.
 */
function customFinding(
  issue: Extract<Issue, { code: 'custom' }>,
  path: Path,
  value: unknown,
  leaf: z.core.$ZodType | undefined,
): Finding {
  const { message, allowed, fix } = issue.params ?? {};
  const scalar = typeof value !== 'object' || value === null;
  const described = leaf === undefined ? 'what the message says' : describe(leaf);
  const advice = /: ((add|choose|remove|use|write) .*)$/.exec(issue.message)?.[1];
  return {
    path,
    message: typeof message === 'string' ? message : scalar ? 'not accepted' : issue.message,
    allowed: typeof allowed === 'string' ? allowed : scalar ? issue.message.replace(/^not /, '') : described,
    fix: typeof fix === 'string' ? fix : (advice ?? 'change it so that this holds'),
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
    if (unwrap(leaf) instanceof z.ZodEnum) return 'write one of these';
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
