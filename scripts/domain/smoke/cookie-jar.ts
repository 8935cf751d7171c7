/**
 * The cookies of one session of a smoke suite. Deliberately small: one origin, so `Domain` is ignored;
 * everything else that decides whether a browser would send a cookie (path, expiry, `Secure`) is honoured.
 */
type Cookie = {
  name: string;
  value: string;
  path: string;
  /** Milliseconds since 1970; null: until the session ends. */
  expiresAt: number | null;
  secure: boolean;
};
export type CookieJar = readonly Cookie[];

/** The jar after an answer to a request for `requestPath`. Cookies named in `dropped` are never kept. */
export function keepCookies(
  jar: CookieJar,
  setCookies: readonly string[],
  requestPath: string,
  now: Date,
  dropped: readonly string[] = [],
): CookieJar {
  let kept = jar;
  for (const header of setCookies) {
    const cookie = parseSetCookie(header, requestPath, now);
    if (cookie === undefined || dropped.includes(cookie.name)) continue;
    kept = kept.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
    if (!isExpired(cookie, now)) kept = [...kept, cookie];
  }
  return kept;
}

/**
 * The `Cookie` header for a request, or undefined where no cookie applies. Longer paths first, as browsers
 * do.
 */
export function cookieHeader(
  jar: CookieJar,
  requestPath: string,
  now: Date,
  transport: { secure: boolean },
): string | undefined {
  const sent = jar
    .filter((cookie) => !isExpired(cookie, now))
    .filter((cookie) => transport.secure || !cookie.secure)
    .filter((cookie) => pathMatches(cookie.path, withoutQuery(requestPath)))
    .toSorted((left, right) => right.path.length - left.path.length);
  return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
}

function parseSetCookie(header: string, requestPath: string, now: Date): Cookie | undefined {
  const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  const safe = /^[\x20-\x7e\x80-\xff]*$/.test(pair);
  if (equals < 1 || !safe || /\s/.test(pair.slice(0, equals))) return undefined;
  const values = new Map(attributes.map(attributeOf));
  const path = values.get('path');
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: path?.startsWith('/') ? path : defaultPath(withoutQuery(requestPath)),
    expiresAt: expiryOf(values.get('max-age'), values.get('expires'), now),
    secure: values.has('secure'),
  };
}

function attributeOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0
    ? [text.toLowerCase(), '']
    : [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** `Max-Age` wins over `Expires` (RFC 6265, 5.3). What can't be read counts as absent. */
function expiryOf(maxAge: string | undefined, expires: string | undefined, now: Date): number | null {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now.getTime() + Number(maxAge) * 1000;
  const time = expires === undefined ? Number.NaN : Date.parse(expires);
  return Number.isNaN(time) ? null : time;
}

function isExpired(cookie: Cookie, now: Date): boolean {
  return cookie.expiresAt !== null && cookie.expiresAt <= now.getTime();
}

function defaultPath(requestPath: string): string {
  const last = requestPath.lastIndexOf('/');
  return last <= 0 ? '/' : requestPath.slice(0, last);
}

function pathMatches(cookiePath: string, requestPath: string): boolean {
  return (
    cookiePath === requestPath ||
    (requestPath.startsWith(cookiePath) &&
      (cookiePath.endsWith('/') || requestPath[cookiePath.length] === '/'))
  );
}

function withoutQuery(path: string): string {
  return path.split(/[?#]/, 1)[0] ?? path;
}
