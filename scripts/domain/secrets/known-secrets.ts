/** Shorter values stay: cutting every "1" out of a log would hide everything and protect nothing. */
const shortestSecret = 4;

/**
 * Replaces each secret whose value is known, as it is and as URLs and JSON encode it, by its name in
 * brackets: for logs of services whose secrets a host has. Where values are not known, see likely-secrets.ts.
 * `secrets`: name -> value.
 */
export function redactorOf(secrets: Readonly<Record<string, string>>): (text: string) => string {
  return replacing(
    Object.entries(secrets)
      .filter(([, value]) => value.length >= shortestSecret)
      .flatMap(([name, value]) =>
        [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)].map(
          (spelling) => [spelling, `[${name}]`] as const,
        ),
      ),
  );
}

/** Replaces texts, the longest first, since one may be part of another. */
export function replacing(spellings: readonly (readonly [string, string])[]): (text: string) => string {
  const ordered = spellings.toSorted(([left], [right]) => right.length - left.length);
  return (text) => ordered.reduce((rest, [spelling, shown]) => rest.replaceAll(spelling, () => shown), text);
}
