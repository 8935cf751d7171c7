import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, filesUnder, lineOf, parseSource, report } from './syntax-tree.ts';

/** As wide as the formatter makes code; it leaves comments as they are. */
const widestComment = 110;

/**
 * Lines of comments that are too wide. Rows of tables stay in one line, and so do words that can't be broken,
 * such as addresses.
 *
 * @param file its ending says the language: `.sh` for the shell, otherwise TypeScript or JavaScript
 */
export function wideComments(file: string, text: string): readonly Fault[] {
  const lines = text.split('\n');
  const commented = path.extname(file) === '.sh' ? shellComments(lines) : sourceComments(file, text);
  return commented.flatMap(({ line, from }) => {
    const written = lines[line - 1] ?? '';
    const width = [...written].length;
    if (width <= widestComment || mustStayWhole(written.slice(from))) return [];
    return [{ file, line, message: `the comment reaches column ${width}, and wraps at ${widestComment}` }];
  });
}

/** A line that holds a comment, and the index in it where the comment begins. */
type Commented = { line: number; from: number };

function sourceComments(file: string, text: string): readonly Commented[] {
  return parseSource(file, text).comments.flatMap(({ start, end }): Commented[] => {
    const first = lineOf(text, start);
    const column = start - (text.lastIndexOf('\n', start - 1) + 1);
    return Array.from({ length: lineOf(text, end) - first + 1 }, (_, index) => ({
      line: first + index,
      from: index === 0 ? column : 0,
    }));
  });
}

/** What stands before a comment of the shell: quotes are closed, and the hash begins a word. */
const beforeHash = /^(?:[^'"#]|'[^']*'|"(?:[^"\\]|\\.)*"|(?<=\S)#)*?(?<=^|\s)(?=#(?!!))/;

function shellComments(lines: readonly string[]): readonly Commented[] {
  return lines.flatMap((line, index): Commented[] => {
    const [code] = beforeHash.exec(line) ?? [];
    return code === undefined ? [] : [{ line: index + 1, from: code.length }];
  });
}

function mustStayWhole(comment: string): boolean {
  const words = comment
    .replace(/^\s*(?:\/\*\*?|\/\/+|\*|#+)/, '')
    .replace(/\*\/\s*$/, '')
    .trim();
  return words.startsWith('|') || words.startsWith('biome-ignore') || !/\s/.test(words);
}

if (import.meta.main) {
  const faults: Fault[] = [];
  const folders = ['infra', 'scripts', 'test', 'bench', 'examples'];
  for await (const file of filesUnder(folders, ['.ts', '.mjs', '.sh'])) {
    faults.push(...wideComments(file, await readFile(file, 'utf8')));
  }
  report(faults);
}
