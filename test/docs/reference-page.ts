import { z } from 'zod';
import { type Row, rowsOf } from './schema-rows.ts';

/**
 * The keys of a schema as tables in Markdown. A key that holds others has a table of its own under `heading`;
 * those that don't share the first one.
 */
export function renderReference(schema: z.ZodObject, heading: '##' | '###'): string {
  const entries = Object.entries(schema.shape);
  const single = entries.flatMap(([key, child]) => (holdsKeys(child) ? [] : rowsOf(child, key)));
  const sections = entries.flatMap(([key, child]) =>
    holdsKeys(child) ? [section(key, child, heading)] : [],
  );
  return [...(single.length === 0 ? [] : [table(single)]), ...sections].join('\n\n');
}

function section(key: string, schema: z.core.$ZodType, heading: string): string {
  const [own, ...rest] = rowsOf(schema, key);
  const title = `${heading} \`${key}\``;
  // A map that is always there says no more than what it is about.
  if (own === undefined || !(schema instanceof z.ZodObject || schema instanceof z.ZodPrefault)) {
    return [title, table(own === undefined ? rest : [own, ...rest])].join('\n\n');
  }
  return own.path === key
    ? [title, own.meaning, table(rest)].join('\n\n')
    : [title, table([own, ...rest])].join('\n\n');
}

function holdsKeys(schema: z.core.$ZodType): boolean {
  return rowsOf(schema, '').length > 1;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ path, meaning, values, fallback }) =>
    [`\`${path}\``, meaning, values, fallback].map((cell) => cell.replaceAll('|', '\\|')).join(' | '),
  );
  return [
    '| key | meaning | values | default |',
    '|---|---|---|---|',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}
