/** Shorter values stay: cutting every "1" out of a log would hide everything and protect nothing. */
const shortestSecret = 4;

/**
 * Replaces each secret that is known, as it is and as URLs and JSON encode it, by its name in brackets. Where
 * secrets are not known but must be guessed by the names around them, see redaction.ts. `secrets`: name ->
 * value.
 */
export function redactorOf(secrets: Readonly<Record<string, string>>): (text: string) => string {
  const spellings = Object.entries(secrets)
    .filter(([, value]) => value.length >= shortestSecret)
    .flatMap(([name, value]) =>
      [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)].map(
        (spelling) => [spelling, `[${name}]`] as const,
      ),
    )
    .sort(([left], [right]) => right.length - left.length);
  return (text) => spellings.reduce((rest, [spelling, name]) => rest.replaceAll(spelling, () => name), text);
}

/** A URL without its password; anything else unchanged. */
export function withoutPassword(value: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '') return value;
  url.password = '';
  return url.href;
}

/** The password of a URL, decoded, or undefined. */
export function passwordIn(value: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return undefined;
  const { password } = new URL(value);
  if (password === '') return undefined;
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
