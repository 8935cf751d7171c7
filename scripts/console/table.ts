import { stripVTControlCharacters, styleText } from 'node:util';

/** Columns padded to their widest cell, two spaces apart; the head in bold where colours are on. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colour: boolean,
): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => visible(row[column] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === row.length - 1
          ? cell
          : cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - visible(cell))),
      )
      .join('  ')
      .trimEnd();
  return [paint('bold', line(head), colour), ...rows.map(line)].join('\n');
}

const visible = (cell: string) => stripVTControlCharacters(cell).length;

export type Paint = 'bold' | 'green' | 'red' | 'yellow' | 'dim';

export function paint(format: Paint, text: string, colour: boolean): string {
  return colour ? styleText(format, text, { validateStream: false }) : text;
}
