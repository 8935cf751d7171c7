import { z } from 'zod';
import { unwrap } from '../../infra/settings/problems/schema-path.ts';
import { fallbackOf, valuesOf } from './schema-cells.ts';
import { metaOf } from './schema-meta.ts';

/** One key of a schema, in Markdown. An empty text: the schema says nothing of it. */
export type Row = { path: string; meaning: string; values: string; fallback: string };

/**
 * A key itself, and what stands under it. Names that a person chooses are written `<name>`, items of a list
 * `[]`.
 */
export function rowsOf(schema: z.core.$ZodType, path: string): readonly Row[] {
  const inner = unwrap(schema);
  const own = { path, meaning: metaOf(schema).description ?? '' };
  if (!(inner instanceof z.ZodDiscriminatedUnion)) {
    const row = { ...own, values: valuesOf(schema), fallback: fallbackOf(schema) } satisfies Row;
    return [row, ...rowsUnder(schema, path)];
  }
  const { discriminator } = inner.def;
  const choice: Row = {
    path: `${path}.${discriminator}`,
    meaning: own.meaning,
    values: choicesOf(inner)
      .map(({ choice }) => choice)
      .join(', '),
    fallback: fallbackOf(schema, discriminator),
  };
  return [choice, ...rowsOfChoices(inner, path)];
}

/** Every key under a schema, from top to bottom. */
export function rowsUnder(schema: z.core.$ZodType, path: string): readonly Row[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, child]) =>
      rowsOf(child, path === '' ? key : `${path}.${key}`),
    );
  }
  if (inner instanceof z.ZodRecord) return rowsUnder(inner.valueType, `${path}.<name>`);
  if (inner instanceof z.ZodArray) return rowsUnder(inner.element, `${path}[]`);
  if (inner instanceof z.ZodDiscriminatedUnion) return rowsOfChoices(inner, path);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => rowsUnder(option, path));
  return [];
}

/** The keys of each choice; one that several choices have alike stands once. */
function rowsOfChoices(union: z.ZodDiscriminatedUnion, path: string): readonly Row[] {
  const { discriminator } = union.def;
  const choices = choicesOf(union);
  const found = new Map<string, { row: Row; choices: string[] }>();
  for (const { choice, shape } of choices) {
    const rows = Object.entries(shape).flatMap(([key, child]) =>
      key === discriminator ? [] : rowsOf(child, `${path}.${key}`),
    );
    for (const row of rows) {
      const known = found.get(JSON.stringify(row));
      if (known === undefined) found.set(JSON.stringify(row), { row, choices: [choice] });
      else known.choices.push(choice);
    }
  }
  return [...found.values()].map(({ row, choices: having }) => {
    if (having.length === choices.length || row.meaning === '') return row;
    const meaning = `With ${discriminator} ${having.join(' or ')}: ${uncapitalised(row.meaning)}`;
    return { ...row, meaning };
  });
}

function choicesOf(union: z.ZodDiscriminatedUnion): { choice: string; shape: z.core.$ZodShape }[] {
  return union.options.flatMap((option) => {
    if (!(option instanceof z.ZodObject)) return [];
    const shape: z.core.$ZodShape = option.shape;
    const discriminator = shape[union.def.discriminator];
    return discriminator === undefined ? [] : [{ choice: valuesOf(discriminator), shape }];
  });
}

/** `EC2` and `GPUs` keep their capitals. */
function uncapitalised(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
