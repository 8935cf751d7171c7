import { z } from 'zod';
import { valueAt } from '../../infra/settings/problems/problem.ts';
import { leafPaths, schemaAt } from '../../infra/settings/problems/schema-path.ts';
import { describe } from '../../infra/settings/problems/schema-words.ts';
import { identitySchema } from '../../infra/settings/schema/identity-schema.ts';
import { baseSchema } from '../../infra/settings/schema/settings-schema.ts';

/** What stands in for an app, so that defaults can be asked for. */
const smallest = { app: { name: 'app', services: {} } };

/** Every key of `lockstep:base` but the app's, and of `lockstep:identity`, as a table in Markdown. */
export function renderSettingsReference(): string {
  const defaults = baseSchema.parse(smallest);
  const base = leafPaths(baseSchema)
    .filter((path) => !path.startsWith('app.'))
    .map((path) => row(path, schemaAt(baseSchema, path.split('.')), valueAt(defaults, path.split('.'))));
  const identity = Object.entries(identitySchema.shape).map(([key, schema]) =>
    row(`identity.${key}`, schema, z.safeParse(schema, undefined).data),
  );
  return ['| key | values | default |', '|---|---|---|', ...base, ...identity].join('\n');
}

function row(path: string, schema: z.core.$ZodType | undefined, fallback: unknown): string {
  const words = schema === undefined ? '' : variants(schema).map(describe).join(' or ');
  const shown =
    fallback === undefined ? 'none: required' : fallback === null ? 'none' : JSON.stringify(fallback);
  return `| \`${path}\` | ${words.replaceAll('|', '\\|')} | ${shown.replaceAll('|', '\\|')} |`;
}

/** A union is described by its members. */
function variants(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  return schema instanceof z.ZodUnion ? schema.options : [schema];
}
