import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { registers } from '../../scripts/commands/index.ts';
import { createProgram } from '../../scripts/console/program.ts';

const root = path.join(import.meta.dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', 'docs/*.md'];
const sources = ['infra/**/*.ts', 'scripts/**/*.ts', 'examples/*/lockstep.yaml'];

const silent = { writeOut: () => undefined, writeErr: () => undefined };
const program = createProgram(registers, () => async () => undefined, silent);
const verbs = program.commands.map((verb) => verb.name());
const verbsBelow = new Map(
  program.commands.map((verb) => [verb.name(), verb.commands.map((below) => below.name())]),
);

async function textsOf(patterns: readonly string[]): Promise<readonly { file: string; text: string }[]> {
  const files = await Array.fromAsync(glob(patterns, { cwd: root, exclude: ['**/node_modules/**'] }));
  return Promise.all(
    files.map(async (file) => ({ file, text: await readFile(path.join(root, file), 'utf8') })),
  );
}

/** `lockstep verb` in code, and at the start of a line of a terminal; `npx` may stand before it. */
const calls = /(?:`|^)(?:npx )?lockstep ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?/gm;

test('pages, comments and messages name no verb that does not exist', async () => {
  const wrong = (await textsOf([...pages, ...sources])).flatMap(({ file, text }) =>
    [...text.matchAll(calls)].flatMap(([, verb = '', below]) => {
      const known = verbsBelow.get(verb) ?? [];
      const ok = verbs.includes(verb) && (known.length === 0 || below === undefined || known.includes(below));
      return ok ? [] : [`${file}: lockstep ${verb}${below === undefined ? '' : ` ${below}`}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test('pages name no file of this repository that is not there, and link to none', async () => {
  const named = /`((?:scripts|infra|test|examples|docs)\/[\w./-]+)`/g;
  const linked = /\]\((?!https?:|#)([^)#]+)/g;
  const missing = (await textsOf(pages)).flatMap(({ file, text }) => {
    const places = [
      ...[...text.matchAll(named)].flatMap(([, found]) => found ?? []),
      ...[...text.matchAll(linked)].flatMap(([, found]) => path.join(path.dirname(file), found ?? '')),
    ];
    return places.filter((place) => !existsSync(path.join(root, place))).map((place) => `${file}: ${place}`);
  });
  expect(missing).toEqual([]);
});
