import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Room, rooms } from './import-rules.ts';

/** `from`: path from the root; `to`: path from the root or a package's name. */
export type Import = { from: string; to: string };

/** The imports that no entry of `import-rules.ts` allows. */
export function forbiddenImports(imports: readonly Import[]): readonly Import[] {
  return imports.filter(({ from, to }) => {
    const place = placeOf(from);
    if (place === undefined) return true;
    return isFile(to) ? !mayImportFile(place, to) : !mayImportPackage(place, to);
  });
}

/** Every import and re-export of a TypeScript source, resolved against the root. */
export function importsOf(file: string, source: string): readonly Import[] {
  const specifiers = source.matchAll(
    /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g,
  );
  return [...specifiers].map((match) => {
    const specifier = match[1] ?? match[2] ?? '';
    const to = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
    return { from: file, to };
  });
}

/** A file's room, and the folder in the room's order that contains it. */
type Place = { room: Room; folder: string };

function placeOf(file: string): Place | undefined {
  const room = longest(rooms, ({ room }) => contains(room, file));
  if (room === undefined) return undefined;
  const folder = longest(room.order, (name) =>
    name === '.' ? path.posix.dirname(file) === room.room : contains(path.posix.join(room.room, name), file),
  );
  return folder === undefined ? undefined : { room, folder };
}

function mayImportFile({ room, folder }: Place, to: string): boolean {
  const target = placeOf(to);
  if (target !== undefined && target.room === room) {
    return room.order.indexOf(target.folder) <= room.order.indexOf(folder);
  }
  const own = room.folders?.[folder];
  return [...(own?.only ? [] : room.imports), ...(own?.imports ?? [])].some((name) => contains(name, to));
}

function mayImportPackage({ room, folder }: Place, name: string): boolean {
  const own = room.folders?.[folder];
  const allowed = [...(own?.only ? [] : room.packages), ...(own?.packages ?? [])];
  if (allowed.some((one) => one !== '*' && (one === 'node:' ? name.startsWith(one) : contains(one, name)))) {
    return true;
  }
  return allowed.includes('*') && !owned.some((one) => contains(one, name));
}

/** Packages that single folders reserve: `*` does not include them. */
const owned = [
  'commander',
  ...rooms.flatMap(({ folders }) => Object.values(folders ?? {}).flatMap(({ packages }) => packages ?? [])),
].filter((name) => !['zod', 'yaml', 'node:', '@smithy/signature-v4'].includes(name));

/** A folder that ends in `/.` stands for its own files alone. */
const contains = (folder: string, file: string) =>
  folder.endsWith('/.')
    ? path.posix.dirname(file) === folder.slice(0, -2)
    : file === folder || file.startsWith(`${folder}/`);

const isFile = (to: string) => contains('scripts', to) || contains('infra', to) || to.startsWith('.');

function longest<T extends string | Room>(
  candidates: readonly T[],
  fits: (one: T) => boolean,
): T | undefined {
  const length = (one: T) => (typeof one === 'string' ? one : one.room).length;
  return candidates.filter(fits).toSorted((left, right) => length(right) - length(left))[0];
}

async function* sources(directory: string): AsyncGenerator<string> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.posix.join(directory, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* sources(file);
    else if (entry.isFile() && file.endsWith('.ts')) yield file;
  }
}

if (import.meta.main) {
  const imports: Import[] = [];
  for (const room of ['infra', 'scripts']) {
    for await (const file of sources(room)) imports.push(...importsOf(file, await readFile(file, 'utf8')));
  }
  const forbidden = forbiddenImports(imports);
  for (const { from, to } of forbidden) console.error(`${from} may not import ${to}`);
  if (forbidden.length > 0) process.exitCode = 1;
}
