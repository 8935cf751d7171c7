import type { Json } from '../canonical.ts';
import { jsonIn } from '../json-text.ts';
import { parseJsonPath, readJsonPath } from './json-path.ts';
import type { ProbeResponse } from './probe.ts';
import type { SavedValues } from './saved-values.ts';
import { substitute, substituteJson } from './saved-values.ts';
import type { Step } from './suite.ts';

/**
 * One expectation that an answer didn't meet. `at`: the JSON path, header or part of the answer it is about.
 */
export type Mismatch = { at: string; expected: string; got: string };

/** The values saved so far, and those that an answer did not contain. */
export type Saving = { saved: SavedValues; mismatches: readonly Mismatch[] };

/**
 * Every expectation of the step that the answer doesn't meet; none: the step passed. Saved values may stand
 * in expectations too. A header must contain the given text, whatever its case.
 */
export function checkAnswer(step: Step, answer: ProbeResponse, saved: SavedValues): Mismatch[] {
  const { expect } = step;
  const mismatches: Mismatch[] = [];
  const miss = (at: string, expected: string, got: string) => void mismatches.push({ at, expected, got });

  if (answer.status !== expect.status) miss('status', String(expect.status), String(answer.status));
  for (const [name, wanted] of Object.entries(expect.headers)) {
    const value = answer.headers[name.toLowerCase()];
    const text = substitute(wanted, saved);
    if (value?.toLowerCase().includes(text.toLowerCase()) !== true) {
      miss(`header ${name}`, `contains "${text}"`, value === undefined ? 'no such header' : `"${value}"`);
    }
  }
  const body = bodyText(answer);
  for (const text of expect.contains.map((wanted) => substitute(wanted, saved))) {
    if (!body.includes(text)) miss('body', `contains "${text}"`, 'no such text');
  }
  for (const text of expect.absent.map((unwanted) => substitute(unwanted, saved))) {
    if (body.includes(text)) miss('body', `doesn't contain "${text}"`, `"${around(body, text)}"`);
  }
  if (expect.json.length > 0) mismatches.push(...checkJson(expect.json, answer, saved));
  return mismatches;
}

/** The values that the step saves, added to those of earlier steps. */
export function saveFrom(step: Step, answer: ProbeResponse, saved: SavedValues): Saving {
  const names = Object.entries(step.save);
  if (names.length === 0) return { saved, mismatches: [] };
  const body = bodyJson(answer);
  const next: Record<string, Json> = { ...saved };
  const mismatches: Mismatch[] = [];
  for (const [name, path] of names) {
    const value = body === undefined ? undefined : readJsonPath(body, parseJsonPath(path) ?? []);
    if (value === undefined)
      mismatches.push({ at: path, expected: `a value to save as "${name}"`, got: 'nothing' });
    else next[name] = value;
  }
  return { saved: next, mismatches };
}

/** The body as text; what isn't UTF-8 is shown as replacement characters. */
export function bodyText(answer: ProbeResponse): string {
  return Buffer.from(answer.body, 'base64').toString('utf8');
}

/** The body as JSON, or undefined where it isn't (a cut body isn't). */
function bodyJson(answer: ProbeResponse): Json | undefined {
  return jsonIn(bodyText(answer));
}

function checkJson(
  expectations: Step['expect']['json'],
  answer: ProbeResponse,
  saved: SavedValues,
): Mismatch[] {
  const body = bodyJson(answer);
  if (body === undefined) {
    const got = answer.truncated ? 'a body cut at 1 MiB' : 'a body that is not JSON';
    return [{ at: 'body', expected: 'JSON', got }];
  }
  return expectations.flatMap((expectation) => {
    const value = readJsonPath(body, parseJsonPath(expectation.path) ?? []);
    const got = value === undefined ? 'nothing' : JSON.stringify(value);
    const problems: string[] = [];
    if (expectation.equals !== undefined) {
      const wanted = substituteJson(expectation.equals, saved);
      if (value === undefined || !same(value, wanted)) problems.push(JSON.stringify(wanted));
    }
    if (expectation.matches !== undefined && !matches(value, expectation.matches)) {
      problems.push(`matches /${expectation.matches}/`);
    }
    if (expectation.exists === true && value === undefined) problems.push('a value');
    if (expectation.exists === false && value !== undefined) problems.push('nothing');
    return problems.map((expected) => ({ at: expectation.path, expected, got }));
  });
}

/** Text is matched as it is; numbers and booleans as JSON spells them; objects and lists never match. */
function matches(value: Json | undefined, pattern: string): boolean {
  if (value === undefined || (typeof value === 'object' && value !== null)) return false;
  return new RegExp(pattern, 'u').test(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Equal as JSON: the order of an object's keys doesn't matter. */
function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const members = Object.entries(left);
  return (
    members.length === Object.keys(right).length &&
    members.every(([key, member]) => Object.hasOwn(right, key) && same(member, Reflect.get(right, key)))
  );
}

function around(body: string, text: string): string {
  const at = body.indexOf(text);
  return body.slice(Math.max(0, at - 30), at + text.length + 30);
}
