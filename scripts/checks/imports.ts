import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Who may import whom (design: "Rooms and doors"). Each room lists the rooms and packages its files may reach;
 * `node:` modules are packages here. A test runs this over the tree and over broken examples.
 */
type Room = { files: RegExp; may: readonly RegExp[] };

const rooms: readonly Room[] = [
  { files: /^scripts\/domain\//, may: [/^scripts\/domain\//, /^zod$/, /^node:crypto$/] },
  {
    files: /^scripts\/workflows\//,
    may: [
      /^scripts\/(domain|workflows)\//,
      /^infra\/(config|ipv4|pins|stack|vpc-children)\.ts$/,
      /^zod$/,
      /^node:crypto$/,
    ],
  },
  { files: /^scripts\/adapters\/shell\.ts$/, may: [/^scripts\/domain\//, /^zx$/, /^node:/] },
  {
    // The composition root: the one adapter that proves the store before anything relies on it.
    files: /^scripts\/adapters\/wire\.ts$/,
    may: [
      /^scripts\/(domain|adapters)\//,
      /^scripts\/workflows\/(ports|store-conditions)\.ts$/,
      /^infra\/(config|problems)\.ts$/,
      /^node:/,
    ],
  },
  {
    // The door of the plan to the cloud program; nothing else may load Pulumi's SDKs by loading this.
    files: /^scripts\/adapters\/(stack-recorder|infra-tables)\.ts$/,
    may: [
      /^scripts\/(domain|adapters)\//,
      /^scripts\/workflows\/stranger\.ts$/,
      /^infra\/(declare|pins|stack)\.ts$/,
      /^infra\/(pins|prices)\.json$/,
    ],
  },
  {
    files: /^scripts\/adapters\//,
    may: [
      /^scripts\/(domain|adapters)\//,
      /^scripts\/workflows\/(ports|build-ports|bootstrap|update-pins|publish-pins)\.ts$/,
      // What the agent and the local target must do alike; the agent's bundle can't reach the other adapters.
      /^scripts\/host\/(http-exchange|process-identity|host|host-lock|host-processes|durable|machine|breather|give-back)\.ts$/,
      /^infra\/(naming|redis-user|foundation\/settings)\.ts$/,
      // What SDKs say of their own types and how texts are packed, which the policies ask as well.
      /^infra\/(sdk-attributes|encoded-text)\.ts$/,
      /^infra\/(config|problems|pins)\.ts$/,
      /^(?!(scripts|infra)\/|zx$|commander$)[^/.]/,
    ],
  },
  {
    files: /^scripts\/host\//,
    may: [
      /^scripts\/(domain|host)\//,
      /^scripts\/adapters\/(directory-store|durable-files|s3-store|aws-credentials)\.ts$/,
      /^scripts\/workflows\/(ports|records)\.ts$/,
      /^node:/,
      /^zod$/,
    ],
  },
  {
    // Pure as well, and only for tests: what the program declares, in the words of another tool.
    files: /^scripts\/provider-check\//,
    may: [/^scripts\/(domain|provider-check)\//],
  },
  {
    files: /^scripts\/(commands\/|rehearsal\/|cli\.ts$|command-line\.ts$)/,
    may: [
      /^scripts\/(domain|workflows|adapters|commands|rehearsal)\//,
      /^scripts\/command-line\.ts$/,
      /^infra\/(config|problems|times)\.ts$/,
      /^(?!(scripts|infra)\/|zx$|esbuild$)[^/.]/,
    ],
  },
  { files: /^infra\//, may: [/^infra\//, /^(zod|yaml)$/, /^@pulumi\//, /^node:/] },
];

export type Import = { from: string; to: string };

/** The imports that no room allows. `from`: path from the root; `to`: path from the root or a package's name. */
export function forbiddenImports(imports: readonly Import[]): readonly Import[] {
  return imports.filter(({ from, to }) => {
    const room = rooms.find(({ files }) => files.test(from));
    return room !== undefined && !room.may.some((allowed) => allowed.test(to));
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
