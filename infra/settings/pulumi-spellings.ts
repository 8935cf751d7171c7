import { readingOf } from './problems/problems.ts';
import { environmentSchema } from './schema/settings-schema.ts';

/**
 * The values of an environment's keys as a person writes them, out of what Pulumi makes of them. `pulumi
 * stack init`, `config set` and `config refresh` write stack files anew: numbers and booleans at the top
 * become text in quotes, and dates without quotes become times. What the engine hands the program is the same
 * text.
 */
export function withoutPulumiSpellings(values: unknown): unknown {
  if (!isMap(values)) return values;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (key === 'differences' && Array.isArray(value)) return [key, value.map(withPlainDate)];
      return [key, typeof value === 'string' ? scalarOf(key, value) : value];
    }),
  );
}

function scalarOf(key: string, text: string): unknown {
  const shape: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> =
    environmentSchema.shape;
  if (shape[key]?.safeParse(text).success !== false) return text;
  const { kind } = readingOf(text);
  if (kind === 'number') return Number(text);
  return kind === 'boolean' ? text.toLowerCase() === 'true' : text;
}

/** `until: 2027-03-31` as Go prints a time, and as its JSON holds one. */
const writtenByPulumi = /^(\d{4}-\d\d-\d\d)(?: 00:00:00 \+0000 UTC|T00:00:00Z)$/;

function withPlainDate(entry: unknown): unknown {
  if (!isMap(entry) || typeof entry.until !== 'string') return entry;
  return { ...entry, until: writtenByPulumi.exec(entry.until)?.[1] ?? entry.until };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
