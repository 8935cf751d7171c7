import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { usage } from '../../domain/errors.ts';
import { buildEnvironment } from '../../domain/release/build-environment.ts';
import { neededGlibc, type ReadAt } from '../../domain/release/elf.ts';
import type { FileEntry } from '../../domain/release/release.ts';
import { isWriterAlive } from '../../machine/atomic-file.ts';
import { removeTree } from '../../machine/directory.ts';
import { machinePlatform } from '../../machine/machine.ts';
import type { StepResult, Workshop, Workspace } from '../../workflows/ports/build.ts';
import { outputOf, run } from '../processes/shell.ts';
import { appManifestName, parseAppManifest } from '../settings/app-manifest-file.ts';
import { writePack } from './pack-writer.ts';
import { scanTree, stampTree } from './tree-scan.ts';

/** Builds on this machine, in directories of its own under `.lockstep/work`. */
export class LocalWorkshop implements Workshop {
  readonly #work: string;
  readonly #ambient: Readonly<Record<string, string | undefined>>;

  constructor(work: string, ambient: Readonly<Record<string, string | undefined>>) {
    this.#work = path.resolve(work);
    this.#ambient = withPipConfig(ambient);
  }

  async open(): Promise<Workspace> {
    await mkdir(this.#work, { recursive: true });
    for (const name of await readdir(this.#work)) {
      const left = path.join(this.#work, name);
      if (/^[0-9]+-/.test(name) && !(await isWriterAlive(Number.parseInt(name, 10), left)))
        await removeTree(left);
    }
    const root = path.join(this.#work, `${process.pid}-${randomBytes(4).toString('hex')}`);
    const place: Omit<Workspace, 'remove'> = {
      tree: path.join(root, 'tree'),
      home: path.join(root, 'home'),
      temporary: path.join(root, 'tmp'),
    };
    for (const directory of Object.values(place)) {
      await mkdir(directory, { recursive: true });
      // Whatever the umask of whoever builds: some tools copy the modes that they find.
      await chmod(directory, 0o755);
    }
    return { ...place, remove: () => removeTree(root) };
  }

  parseManifest(text: string | undefined) {
    if (text !== undefined) return parseAppManifest(text);
    throw usage(`the commit has no ${appManifestName} in its root`, {
      fix: 'Write one (docs/joining.md walks through it), commit it and tag the new commit.',
    });
  }

  run(
    command: readonly string[],
    place: Workspace,
    options: { commitTime: number; signal: AbortSignal; onLine?: ((line: string) => void) | undefined },
  ): Promise<StepResult> {
    // Only a shell can set the umask of what it becomes; the command's parts stay parts.
    return run(['/bin/sh', '-c', 'umask 022 && exec "$@"', 'sh', ...command], {
      cwd: place.tree,
      environment: buildEnvironment(this.#ambient, place, options.commitTime),
      signal: options.signal,
      onLine: options.onLine,
    });
  }

  platform(runtimes: readonly string[]) {
    return machinePlatform(runtimes, this.#ambient);
  }

  scan(tree: string, signal: AbortSignal) {
    return scanTree(tree, signal);
  }

  async stamps(tree: string) {
    return stampTree(tree);
  }

  async neededLibraries(tree: string, files: readonly FileEntry[]): Promise<ReadonlyMap<string, string>> {
    const needed = new Map<string, string>();
    for (const file of files) {
      if (file.type !== 'file' || !looksNative(file)) continue;
      const version = withReader(path.join(tree, file.path), neededGlibc);
      if (version !== undefined) needed.set(file.path, version);
    }
    return needed;
  }

  pack(...[tree, sources, store, place, signal]: Parameters<Workshop['pack']>) {
    return writePack({ tree, sources, store, temporary: place.temporary, signal });
  }

  async tools(): Promise<Record<string, string>> {
    const options = { cwd: this.#work, environment: { PATH: this.#ambient.PATH, LC_ALL: 'C' } };
    const git = await outputOf(['git', '--version'], options);
    return { node: process.version, git: git.trim().replace(/^git version /, '') };
  }
}

/** A file that may be loaded as machine code: programs and libraries, whatever their names. */
function looksNative({ path: name, mode }: Extract<FileEntry, { type: 'file' }>): boolean {
  return mode === '0555' || /\.(so(\.[0-9]+)*|node)$/.test(name);
}

function withReader<T>(file: string, work: (read: ReadAt) => T): T {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return work((offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    });
  } finally {
    closeSync(descriptor);
  }
}

/** pip looks for its settings under HOME, which is a fresh one in a build. */
function withPipConfig(ambient: Readonly<Record<string, string | undefined>>) {
  const home = ambient.HOME;
  if (home === undefined || ambient.PIP_CONFIG_FILE !== undefined) return ambient;
  const found = ['.config/pip/pip.conf', '.pip/pip.conf']
    .map((name) => path.join(home, name))
    .find(existsSync);
  return found === undefined ? ambient : { ...ambient, PIP_CONFIG_FILE: found };
}
