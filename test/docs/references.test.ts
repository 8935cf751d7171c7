import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { baseSchema, environmentSchema } from '../../infra/settings/schema/settings-schema.ts';
import { appManifestSchema } from '../../scripts/domain/app/app-manifest.ts';
import { expectSection } from './doc-section.ts';
import { renderReference } from './reference-page.ts';
import { rowsOf, rowsUnder } from './schema-rows.ts';
import { renderSettingsReference } from './settings-reference.ts';

test('the settings reference says what the schema says', async () => {
  await expectSection('settings.md', 'settings', renderSettingsReference());
});

test('the reference of lockstep.yaml says what the schema says', async () => {
  await expectSection('manifest.md', 'manifest', renderReference(appManifestSchema, '##'));
});

describe.each([
  ['lockstep:base', baseSchema],
  ['an environment', environmentSchema],
  ['lockstep.yaml', appManifestSchema],
])('the schema of %s', (_, schema) => {
  const rows = rowsUnder(schema, '');

  test('says what every key means', () => {
    expect(rows.filter(({ meaning }) => meaning === '').map(({ path }) => path)).toEqual([]);
  });

  test('says what it means that a key is left out', () => {
    expect(rows.filter(({ fallback }) => fallback === '').map(({ path }) => path)).toEqual([]);
  });

  test('says what it takes in words, not in patterns', () => {
    const unreadable = rows.filter(({ values }) => /[\^\\]|another value|\bnull: $/.test(values));
    expect(unreadable.map(({ path, values }) => `${path}: ${values}`)).toEqual([]);
  });
});

describe('a row of a reference', () => {
  test.each([
    [
      'a literal beside a range',
      z.literal(0).or(z.int().min(30).max(900)).default(0),
      '`0` or a whole number from 30 to 900 | `0`',
    ],
    ['a choice', z.enum(['create', 'none']).default('create'), '`create`, `none` | `create`'],
    [
      'null as a default',
      z.int().min(1).max(9).nullable().default(null).meta({ unset: 'no limit' }),
      'a whole number from 1 to 9 | no limit',
    ],
    [
      'null beside a default',
      z.int().min(1).max(9).nullable().default(3).meta({ unset: 'never' }),
      'a whole number from 1 to 9; `null`: never | `3`',
    ],
    ['what must be given', z.array(z.string()).min(1), 'a list of texts | required'],
  ])('shows %s', (_, schema, shown) => {
    const [row] = rowsOf(schema, 'key');
    expect(`${row?.values} | ${row?.fallback}`).toBe(shown);
  });

  test('says once what two choices have alike, and with which choice a key goes', () => {
    const timeout = z.int().min(1).max(60).default(20).describe('Seconds to wait.');
    const schema = z
      .discriminatedUnion('mode', [
        z.strictObject({ mode: z.literal('none') }),
        z.strictObject({ mode: z.literal('near'), timeout }),
        z.strictObject({ mode: z.literal('far'), url: z.string().describe('Where.'), timeout }),
      ])
      .prefault({ mode: 'none' })
      .describe('What is used.');
    expect(rowsOf(schema, 'model').map(({ path, meaning }) => `${path}: ${meaning}`)).toEqual([
      'model.mode: What is used.',
      'model.timeout: With mode `near` or `far`: seconds to wait.',
      'model.url: With mode `far`: where.',
    ]);
  });
});
