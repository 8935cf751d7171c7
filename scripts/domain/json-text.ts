import type { Json } from './canonical.ts';

/**
 * What a text says as JSON, or undefined where it is not JSON. The parser's own words are left out on
 * purpose: they quote the text, which may be a secret.
 */
export function jsonIn(text: string | Uint8Array): Json | undefined {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text));
  } catch {
    return undefined;
  }
}
