import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { drawGraph } from './graph-picture.ts';
import { renderSettingsReference } from './settings-reference.ts';

const file = path.join(import.meta.dirname, '../../docs/infrastructure.md');

/** `UPDATE_DOCS=1 npx vitest run test/docs` writes what a change of schema or program makes of them. */
async function expectSection(name: string, content: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(to, `docs/infrastructure.md has the section ${name}`).toBeGreaterThan(from - 1);
  if (process.env.UPDATE_DOCS === '1') {
    await writeFile(file, `${text.slice(0, from)}${content}\n${text.slice(to)}`);
    return;
  }
  expect(text.slice(from, to).trimEnd(), 'run UPDATE_DOCS=1 npx vitest run test/docs').toBe(content);
}

test('the settings reference says what the schema says', async () => {
  await expectSection('settings', renderSettingsReference());
});

test('the picture shows what production declares', async () => {
  const graph = await recordStack(exampleSubject('production'));
  await expectSection('picture', `\`\`\`mermaid\n${drawGraph(graph)}\n\`\`\``);
});
