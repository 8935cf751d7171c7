import type { Json } from '../canonical.ts';
import { failed } from '../errors.ts';

/** What earlier steps of one session saved: name -> value, used as `${name}` in later requests. */
export type SavedValues = Readonly<Record<string, Json>>;

const reference = /(\$?)\$\{([A-Za-z_]\w*)\}/g;

/** The names that a text refers to. `$${name}` is the text `${name}` itself and refers to nothing. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(reference)].flatMap(([, dollar, name]) =>
    dollar === '' && name !== undefined ? [name] : [],
  );
}

/** As {@link referencesIn}, over every string of a JSON value, keys too. */
export function referencesInJson(value: Json): string[] {
  if (typeof value === 'string') return referencesIn(value);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...referencesIn(key),
    ...referencesInJson(member as Json),
  ]);
}

/**
 * Puts saved values in place of `${name}`. `encode` makes a value safe for where it goes (a path, a header).
 *
 * @throws LockstepError `failed` for a name that no earlier step saved.
 */
export function substitute(
  text: string,
  saved: SavedValues,
  encode: (value: string) => string = String,
): string {
  return text.replaceAll(reference, (whole, dollar: string, name: string) =>
    dollar === '$' ? whole.slice(1) : encode(asText(savedValue(saved, name))),
  );
}

/**
 * The same inside a JSON value. A string that is nothing but `${name}` becomes the saved value with its type,
 * so a saved number is sent as a number; anywhere else it becomes text. Being put in after parsing, no value
 * can break out.
 */
export function substituteJson(value: Json, saved: SavedValues): Json {
  if (typeof value === 'string') {
    const whole = /^\$\{([A-Za-z_]\w*)\}$/.exec(value)?.[1];
    return whole === undefined ? substitute(value, saved) : savedValue(saved, whole);
  }
  if (Array.isArray(value)) return value.map((member) => substituteJson(member, saved));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [substitute(key, saved), substituteJson(member, saved)]),
    );
  }
  return value;
}

function savedValue(saved: SavedValues, name: string): Json {
  const value = Object.hasOwn(saved, name) ? saved[name] : undefined;
  if (value === undefined) {
    throw failed(`no earlier step saved "${name}"`, {
      fix: `Add \`save: {${name}: $.…}\` to an earlier step of the suite.`,
    });
  }
  return value;
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
