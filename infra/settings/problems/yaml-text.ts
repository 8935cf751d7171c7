import {
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
} from 'yaml';
import type { z } from 'zod';
import type { Finding, Path, Place, Problem } from './problem.ts';
import { byPlace, keyOf, problemOf } from './problem.ts';
import type { Misreading } from './pulumi-reading.ts';
import { findingsOf } from './zod-findings.ts';

/** Far more than any file of settings holds; a parser's memory is a multiple of its text. */
const maximumCharacters = 512 * 1024;
const parsing = {
  // Without excerpts in messages: they would show the line, and what stands in it may be a secret.
  prettyErrors: false,
  logLevel: 'error',
  uniqueKeys: false,
  // Said outright, or a line `%YAML 1.1` in the text would change what its words mean, and merge maps.
  schema: 'core',
  merge: false,
} satisfies ParseOptions & DocumentOptions & SchemaOptions;
/** Enough for a few anchors; a bomb of nested aliases needs thousands. */
const maximumAliases = 50;

/**
 * A parsed text: plain values, where each stands, and what was wrong with the text itself. `readable` is
 * false where the text is no YAML: there is no value to judge then.
 */
export type YamlText = { readable: boolean; value: unknown; place: Place; problems: readonly Problem[] };

/** What {@link readYaml} answers: the value, or everything that is wrong with it. */
export type ReadYaml<T> =
  | { ok: true; value: T; problems: readonly [] }
  | { ok: false; problems: readonly Problem[] };

/**
 * Parses `text` and validates it with `schema`; all problems at once, from top to bottom.
 * @param rules what the schema can't say; it gets the raw value, valid or not, so that nothing waits for a
 *   second run.
 */
export function readYaml<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  rules: (raw: unknown) => readonly Finding[] = () => [],
): ReadYaml<T> {
  const { readable, value, place, problems } = yamlText(text, file);
  if (!readable) return { ok: false, problems };
  const parsed = schema.safeParse(value);
  const findings = [...(parsed.success ? [] : findingsOf(parsed.error, schema, value)), ...rules(value)];
  const told = new Set(problems.map(({ key }) => key));
  const found = findings.map((finding) => problemOf(finding, place)).filter(({ key }) => !told.has(key));
  const all = [...problems, ...found].sort(byPlace);
  if (parsed.success && all.length === 0) return { ok: true, value: parsed.data, problems: [] };
  return { ok: false, problems: all };
}

/**
 * Parses one YAML document; never throws. Keys that stand twice are problems, not a matter of which came
 * last.
 * @param judge finds what another program that reads the same file would read differently
 */
export function yamlText(
  text: string,
  file: string,
  judge: (text: string, document: Document) => readonly Misreading[] = () => [],
): YamlText {
  const unreadable = (problem: Omit<Problem, 'file' | 'key'>): YamlText => ({
    readable: false,
    value: undefined,
    place: { file, root: undefined },
    problems: [{ file, key: '', ...problem }],
  });
  if (text.length > maximumCharacters) {
    const allowed = `${maximumCharacters} characters at most`;
    const fix = 'keep data out of files of settings';
    return unreadable({ line: null, message: 'too long', got: `${text.length} characters`, allowed, fix });
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, ...parsing });
    const complaints = [...document.errors, ...document.warnings];
    if (complaints.length > 0) {
      const problems = complaints.map((complaint) => syntaxProblem(complaint, file, lines));
      return { readable: false, value: undefined, place: { file, root: undefined }, problems };
    }
    const value: unknown = document.toJS({ maxAliasCount: maximumAliases });
    const place: Place = { file, root: value, locate: (path) => locate(document.contents, path, lines) };
    const misread = judge(text, document).map(({ offset, path, ...said }) => {
      const { line, col } = lines.linePos(offset);
      return { file, line, column: col, key: keyOf(path), ...said };
    });
    const problems = [...keyProblems(document.contents, [], file, lines), ...misread];
    return { readable: true, value, place, problems };
  } catch (error) {
    // The parser throws for aliases without anchor or by the thousand, and for nesting deeper than its stack.
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    const [message, got] =
      error instanceof RangeError
        ? ['nested too deeply', 'more levels than can be read']
        : [
            'aliases that cannot be resolved',
            `an unknown anchor, or more than ${maximumAliases} uses of anchors`,
          ];
    return unreadable({ line: null, message, got, allowed: 'plain values', fix: 'write the values out' });
  }
}

function syntaxProblem(
  complaint: { message: string; pos: [number, number] },
  file: string,
  lines: LineCounter,
): Problem {
  const { line, col } = lines.linePos(complaint.pos[0]);
  return {
    file,
    line,
    column: col,
    key: '',
    // What follows a colon quotes the text, which may hold a secret.
    message: `not readable as YAML: ${complaint.message.split(':')[0]}`,
    got: 'what stands at this place',
    allowed: 'one YAML document',
    fix: 'look at this line and the one before: indentation, quotes, brackets, a missing colon',
  };
}

/** Keys that stand twice in one map, and names that JavaScript objects can't hold safely. */
function keyProblems(node: unknown, path: Path, file: string, lines: LineCounter): Problem[] {
  if (isSeq(node))
    return node.items.flatMap((item, index) => keyProblems(item, [...path, index], file, lines));
  if (!isMap(node)) return [];
  const seen = new Map<string, number>();
  return node.items.flatMap((pair) => {
    const key = nameOf(pair.key);
    const { line, col } = lines.linePos(startOf(pair.key) ?? 0);
    const first = seen.get(key);
    seen.set(key, first ?? line);
    const at: Pick<Problem, 'file' | 'line' | 'column' | 'key' | 'got'> = {
      file,
      line,
      column: col,
      key: keyOf([...path, key]),
      got: key,
    };
    if (key === '__proto__') {
      const fix = 'remove it';
      return [{ ...at, message: 'this name is not accepted', allowed: 'any other name', fix }];
    }
    if (first !== undefined) {
      const fix = `keep one of the two (the other is in line ${first})`;
      return [{ ...at, message: 'this key is there twice', allowed: 'each key once', fix }];
    }
    return keyProblems(pair.value, [...path, key], file, lines);
  });
}

/** Where a path's key stands, or the nearest thing around it that exists. */
function locate(
  contents: Node | null,
  path: Path,
  lines: LineCounter,
): ReturnType<NonNullable<Place['locate']>> {
  let node: unknown = contents;
  let offset = startOf(contents) ?? 0;
  let whole = true;
  for (const part of path) {
    const next = child(node, part);
    if (next === undefined) {
      whole = false;
      break;
    }
    node = next.value;
    offset = startOf(next.at) ?? offset;
  }
  const { line, col } = lines.linePos(offset);
  const source = whole && isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
  return source === undefined || source === '' ? { line, column: col } : { line, column: col, source };
}

function child(node: unknown, part: string | number): { at: unknown; value: unknown } | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part];
    return item === undefined ? undefined : { at: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => nameOf(key) === String(part));
  return pair === undefined ? undefined : { at: pair.key, value: pair.value };
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
