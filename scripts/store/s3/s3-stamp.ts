import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * What each write of ours leaves beside an object's bytes. S3's own ETag is mostly the MD5 of the bytes: a
 * lease that is renewed unchanged would keep its ETag, and look dead. So every write has a number that nobody
 * else uses:
 *
 * - as metadata (`lockstep-write`), by which a writer whose answer was lost finds out whether the object is
 *   its own;
 * - with what it replaced (`lockstep-replaced`), for the case that another writer came in between;
 * - where it replaces, also as blanks after the bytes (`lockstep-tail`: how many), so that S3's ETag, which
 *   is what `If-Match` compares, never comes back. They are blanks so that a record is still JSON for whoever
 *   looks at it.
 */
export type Stamp = { write: string; replaced: string; tail: number; s3Etag: string };

const names = {
  write: 'x-amz-meta-lockstep-write',
  replaced: 'x-amz-meta-lockstep-replaced',
  tail: 'x-amz-meta-lockstep-tail',
} as const;

export function newWrite(): string {
  return randomBytes(16).toString('hex');
}

/** A line's end and 128 blanks: a space for each 0 of the number, a tab for each 1. */
export function tailOf(write: string): Uint8Array {
  const bits = [...write].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return new TextEncoder().encode(`\n${bits.replaceAll('0', ' ').replaceAll('1', '\t')}`);
}

/**
 * Headers of a write that creates (`replaced` undefined), or of one that replaces the write of that number.
 */
export function stampHeaders(write: string, replaced?: string): Record<string, string> {
  if (replaced === undefined) return { [names.write]: write };
  return { [names.write]: write, [names.replaced]: replaced, [names.tail]: String(tailOf(write).length) };
}

/** What stands on an object that anybody may have written. */
export function stampIn(headers: IncomingHttpHeaders): Stamp {
  const tail = Number(textIn(headers, names.tail));
  return {
    write: textIn(headers, names.write),
    replaced: textIn(headers, names.replaced),
    tail: Number.isSafeInteger(tail) && tail > 0 ? tail : 0,
    s3Etag: textIn(headers, 'etag').replaceAll('"', ''),
  };
}

/** The port's etag: of this write alone. */
export function etagOf({ write, tail, s3Etag }: Stamp): string {
  return `${write}.${tail > 0 ? 'swapped' : 'created'}.${s3Etag}`;
}

/** Undefined for what is not an etag of this store. `created`: its S3 ETag is that of the bytes alone. */
export function parseEtag(etag: string): { write: string; created: boolean; s3Etag: string } | undefined {
  const [, write, how, s3Etag] = /^([0-9a-f]*)\.(created|swapped)\.(.+)$/.exec(etag) ?? [];
  if (write === undefined || s3Etag === undefined) return undefined;
  return { write, created: how === 'created', s3Etag };
}

function textIn(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
