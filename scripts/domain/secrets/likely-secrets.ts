import type { Json } from '../canonical.ts';
import { jsonIn } from '../json-text.ts';
import { replacing } from './known-secrets.ts';

/** Shown in place of a value that may be a secret. */
const hidden = '[hidden]';

const secretName =
  /token|passw|secret|credential|cookie|authorization|signature|apikey|(^|[a-z])key$|^(auth|sid|session|sessionid|pin|otp|pwd)$/;

/** Whether a field, header, form field or cookie of this name may hold a secret. Errs on the side of yes. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}

/**
 * Text of an app's answers, fit for a terminal, a log or a report, though nobody knows its secrets: values
 * of secret-looking names are hidden in JSON, forms, query strings and headers, so are passwords in URLs,
 * bearer tokens and every `known` value (cookies of the session, for one).
 */
export function redact(text: string, known: readonly string[] = []): string {
  const parsed = parsedJson(text);
  const shown = parsed === undefined ? redactText(text) : JSON.stringify(redactJson(parsed));
  const long = known.filter((value) => value.length >= 8);
  return replacing(long.map((value) => [value, hidden] as const))(shown);
}

export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? hidden : redactText(value)]),
  );
}

/**
 * At most `length` characters, with a note of how many are left out. Redact first: a cut body is no longer
 * JSON.
 */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more characters)`;
}

function redactJson(value: Json): Json {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, isSecretName(name) ? hidden : redactJson(member)]),
    );
  }
  return value;
}

function redactText(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, `$1${hidden}@`)
    .replaceAll(/\b(bearer|basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${hidden}`)
    .replaceAll(
      /([\w-]+)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&;,"'{}<>]+)/g,
      (whole, name: string, between: string) => (isSecretName(name) ? `${name}${between}${hidden}` : whole),
    );
}

function parsedJson(text: string): Json | undefined {
  return /^\s*[[{]/.test(text) ? jsonIn(text) : undefined;
}
