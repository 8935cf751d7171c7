import type { WebAnswer } from './round-trip.ts';

/** `<Code>` of an answer in XML; empty where there is none, as after HEAD. */
export function codeIn({ body }: WebAnswer): string {
  return elementIn(body, 'Code');
}

/** The text of the first element of that name, its entities resolved; empty where there is none. */
export function elementIn(body: Uint8Array, name: string): string {
  const text = new TextDecoder().decode(body);
  const [, inner = ''] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text) ?? [];
  const entities: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };
  return inner.replaceAll(/&(quot|apos|lt|gt|amp);/g, (_, entity: string) => entities[entity] ?? '');
}

const passing = new Set([
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'ConditionalRequestConflict',
  'OperationAborted',
]);

/**
 * May the same request succeed in a moment? 409 is a write at the same time (S3 user guide, "Conditional
 * write behavior").
 */
export function mayPass(status: number, code: string): boolean {
  return [429, 500, 502, 503, 504].includes(status) || passing.has(code);
}

/** Were the credentials good until just now? `ExpiredToken` of S3, `ExpiredTokenException` of others. */
export function hasExpired(code: string): boolean {
  return code.startsWith('ExpiredToken') || code === 'TokenRefreshRequired';
}
