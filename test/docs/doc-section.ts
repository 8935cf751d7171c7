import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';

/**
 * What stands between `<!-- name -->` and `<!-- end of name -->` of a page is `content`.
 * `UPDATE_DOCS=1 npx vitest run test/docs` writes what a change of schema or program makes of it.
 */
export async function expectSection(page: string, name: string, content: string): Promise<void> {
  const file = path.join(import.meta.dirname, '../../docs', page);
  const text = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(to, `docs/${page} has the section ${name}`).toBeGreaterThan(from - 1);
  if (process.env.UPDATE_DOCS === '1') {
    await writeFile(file, `${text.slice(0, from)}${content}\n${text.slice(to)}`);
    return;
  }
  expect(text.slice(from, to).trimEnd(), 'run UPDATE_DOCS=1 npx vitest run test/docs').toBe(content);
}
