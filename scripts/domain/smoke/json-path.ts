import type { Json } from '../canonical.ts';

/**
 * The subset of JSON path that smoke suites may use: `$` is the whole answer, then any of `.name`,
 * `['any name']` and `[0]`. No wildcards, filters or slices: a path names one value, so that a failure can
 * say what it was.
 */
export type JsonPath = readonly (string | number)[];

const segmentPattern = /\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(0|[1-9]\d*)\]/y;

/** The segments after `$`, or undefined where the text is not a path of the subset. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const segments: (string | number)[] = [];
  segmentPattern.lastIndex = 1;
  while (segmentPattern.lastIndex < text.length) {
    const match = segmentPattern.exec(text);
    if (match === null) return undefined;
    segments.push(match[3] === undefined ? (match[1] ?? match[2] ?? '') : Number(match[3]));
  }
  return segments;
}

/** The value at the path; undefined where a segment leads nowhere. Only own properties count. */
export function readJsonPath(value: Json, path: JsonPath): Json | undefined {
  let here: unknown = value;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    if (Array.isArray(here) !== (typeof segment === 'number')) return undefined;
    if (!Object.hasOwn(here, segment)) return undefined;
    here = Reflect.get(here, segment);
  }
  return here as Json;
}
