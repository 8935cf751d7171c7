import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ESTree, parseSync } from 'rolldown/utils';

export type Node = ESTree.Node;

/** A parsed file, by its path from the root. */
export type Source = {
  file: string;
  text: string;
  program: ESTree.Program;
  comments: readonly { start: number; end: number }[];
};

/** What a check refuses, where, and what to write instead. */
export type Fault = { file: string; line: number; message: string };

/** @throws Error where the text is not TypeScript. */
export function parseSource(file: string, text: string): Source {
  const { program, comments, errors } = parseSync(file, text, {
    sourceType: 'module',
    preserveParens: false,
  });
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  return { file, text, program, comments };
}

/** The nodes right below a node, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  return Object.entries(node)
    .filter(([key]) => key !== 'parent')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

/** Every node with the nodes that contain it, the outermost first. */
export function* nodesOf(
  node: Node,
  above: readonly Node[] = [],
): Generator<{ node: Node; above: readonly Node[] }> {
  yield { node, above };
  const within = [...above, node];
  for (const child of childrenOf(node)) yield* nodesOf(child, within);
}

/** Counted from one, as editors do. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The files of these folders with one of these endings, by their paths from the root. */
export async function* filesUnder(
  folders: readonly string[],
  endings: readonly string[],
): AsyncGenerator<string> {
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && !['node_modules', 'fixtures'].includes(entry.name))
        yield* filesUnder([file], endings);
      else if (entry.isFile() && endings.includes(path.extname(entry.name))) yield file;
    }
  }
}

export async function readSources(folders: readonly string[]): Promise<ReadonlyMap<string, Source>> {
  const sources = new Map<string, Source>();
  for await (const file of filesUnder(folders, ['.ts'])) {
    sources.set(file, parseSource(file, await readFile(file, 'utf8')));
  }
  return sources;
}

/** Prints what was found as `file:line message`; anything found makes the process fail. */
export function report(faults: readonly Fault[]): void {
  for (const { file, line, message } of faults) console.error(`${file}:${line} ${message}`);
  if (faults.length > 0) process.exitCode = 1;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
