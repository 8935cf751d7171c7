import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { refused, usage } from '../../domain/errors.ts';
import { pathProblems } from '../../domain/release/path-rules.ts';
import { isLinkAllowed } from '../../domain/release/release-tree.ts';
import type { Source, TaggedCommit } from '../../workflows/ports/build.ts';
import { outputOf, run } from '../processes/shell.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type TreeEntry = { mode: string; object: string; size: number; path: string };

const submodule = '160000';
const link = '120000';

/** An app's own repository, through git. */
export class GitSource implements Source {
  readonly directory: string;
  readonly #environment: Environment;

  constructor(directory: string, environment: Environment) {
    this.directory = path.resolve(directory);
    this.#environment = { PATH: environment.PATH, HOME: environment.HOME, LC_ALL: 'C' };
  }

  async resolve(tag: string): Promise<TaggedCommit> {
    await this.checkRoot();
    // The ref itself, to the letter: `v1~1` or `v1^{commit}` would be resolved to a commit that bears no tag.
    const isTag = (await this.#try('show-ref', '--verify', '--quiet', `refs/tags/${tag}`)) !== undefined;
    const found = () => this.#try('rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`);
    const commit = isTag ? await found() : undefined;
    if (isTag && commit === undefined) {
      throw refused(`the tag ${tag} does not name a commit`, {
        fix: 'Tag the commit that is meant, with a name that was not used before.',
      });
    }
    if (commit === undefined) {
      const tags = (await this.#try('tag', '--list', '--sort=-creatordate')) ?? '';
      throw refused(`there is no tag ${JSON.stringify(tag)} in ${this.directory}`, {
        details: [`tags: ${tags.trim().split('\n').slice(0, 10).join(', ') || 'none'}`],
        fix: (await this.#isTagName(tag))
          ? `Run \`git fetch --tags\`, or tag the commit: \`git tag ${tag}\`.`
          : 'Name one of the tags: git takes this for no name of a tag.',
      });
    }
    const time = await this.#git('show', '--no-patch', '--format=%ct', commit.trim());
    return { tag, commit: commit.trim(), time: Number(time.trim()) };
  }

  async #isTagName(name: string): Promise<boolean> {
    return (await this.#try('check-ref-format', `refs/tags/${name}`)) !== undefined;
  }

  readText({ commit }: TaggedCommit, file: string): Promise<string | undefined> {
    return this.#try('cat-file', 'blob', `${commit}:${file}`);
  }

  async uncommitted(): Promise<number> {
    const status = await this.#git('status', '--porcelain', '-z', '--no-renames');
    return status.split('\0').filter((line) => line !== '').length;
  }

  async export({ commit }: TaggedCommit, directory: string, signal: AbortSignal): Promise<void> {
    const problems: string[] = [];
    await this.#export(this.directory, commit, directory, '', problems, signal);
    if (problems.length === 0) return;
    throw refused(`this commit can't be a release: ${problems.length} problems`, {
      details: problems.slice(0, 50),
      fix: 'Correct what is listed, commit it and tag the new commit.',
    });
  }

  async #export(
    repository: string,
    commit: string,
    directory: string,
    prefix: string,
    problems: string[],
    signal: AbortSignal,
  ): Promise<void> {
    const entries = await this.#entries(repository, commit, problems, prefix);
    problems.push(...pathProblems(entries.map((entry) => entry.path)).map((text) => prefix + text));
    if (problems.length > 0) return;
    await this.#checkOut(repository, commit, directory, entries, signal);
    for (const entry of entries) {
      const file = path.join(directory, entry.path);
      if (entry.mode === link && !isLinkAllowed(entry.path, readlinkSync(file), noDirectories)) {
        problems.push(`${prefix}${entry.path} is a link out of the tree: ${readlinkSync(file)}`);
      } else if (isPointer(file, entry)) {
        problems.push(`${prefix}${entry.path} is an LFS pointer, not the file: commit the file itself`);
      } else if (entry.mode === submodule) {
        const inner = path.join(repository, entry.path);
        if ((await this.#tryIn(inner, 'cat-file', '-e', `${entry.object}^{commit}`)) === undefined) {
          problems.push(
            `${prefix}${entry.path} is a submodule that is not fetched: git submodule update --init --recursive`,
          );
        } else {
          await this.#export(inner, entry.object, file, `${prefix}${entry.path}/`, problems, signal);
        }
      }
    }
  }

  async #entries(
    repository: string,
    commit: string,
    problems: string[],
    prefix: string,
  ): Promise<TreeEntry[]> {
    const chunks: Buffer[] = [];
    await run(['git', 'ls-tree', '-r', '-l', '-z', '--full-tree', commit], {
      cwd: repository,
      environment: this.#environment,
      onOutput: (bytes) => chunks.push(bytes),
    });
    const bytes = Buffer.concat(chunks);
    let listing: string;
    try {
      listing = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      const names = bytes
        .toString('latin1')
        .split('\0')
        .map((line) => line.slice(line.indexOf('\t') + 1));
      const bad = names.filter((name) => Buffer.from(name, 'latin1').toString('utf8').includes('\uFFFD'));
      problems.push(...bad.map((name) => `${prefix}${JSON.stringify(name)} is a name that is not UTF-8`));
      return [];
    }
    return listing
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const [, mode = '', object = '', size = '', name = ''] =
          /^(\d+) \w+ ([0-9a-f]+) +(-|\d+)\t([\s\S]*)$/.exec(line) ?? [];
        return { mode, object, size: Number(size === '-' ? 0 : size), path: name };
      });
  }

  /**
   * Bytes as committed, whatever this machine's git would make of them: a repository directory of our own
   * lends only the objects, so that no hook, filter, attribute, line-ending or template setting has a say.
   */
  async #checkOut(
    repository: string,
    commit: string,
    directory: string,
    entries: readonly TreeEntry[],
    signal: AbortSignal,
  ): Promise<void> {
    const own = await mkdtemp(`${directory}.git-`);
    try {
      const objects = (await this.#in(repository, 'rev-parse', '--git-path', 'objects')).trim();
      const environment = {
        ...this.#environment,
        GIT_DIR: own,
        GIT_WORK_TREE: directory,
        GIT_OBJECT_DIRECTORY: path.resolve(repository, objects),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ATTR_NOSYSTEM: '1',
      };
      const git = (command: readonly string[], input = '') =>
        outputOf(['git', ...command], { cwd: directory, environment, input, signal });
      const format = commit.length === 64 ? 'sha256' : 'sha1';
      await outputOf(['git', 'init', '--quiet', '--bare', '--template=', `--object-format=${format}`, own], {
        cwd: directory,
        environment: this.#environment,
        signal,
      });
      await git(['read-tree', commit]);
      const attributes = entries.filter((entry) => path.posix.basename(entry.path) === '.gitattributes');
      // Out of the index, attributes are in nobody's way; the files themselves are written afterwards.
      if (attributes.length > 0) {
        await git(
          ['update-index', '-z', '--force-remove', '--stdin'],
          attributes.map((each) => `${each.path}\0`).join(''),
        );
      }
      await git([
        '-c',
        'checkout.workers=0',
        '-c',
        'core.autocrlf=false',
        '-c',
        'core.bare=false',
        'checkout-index',
        '--all',
      ]);
      for (const each of attributes) {
        const content = await git(['cat-file', 'blob', each.object]);
        await writeFile(path.join(directory, each.path), content, { flag: 'wx' });
      }
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }

  /** @throws LockstepError usage where the directory is not the root of a repository. */
  async checkRoot(): Promise<void> {
    const top = await this.#try('rev-parse', '--show-toplevel');
    if (top === undefined) {
      throw usage(`${this.directory} is not a git repository`, {
        fix: 'Give the root of the app with --app.',
      });
    }
    if (realpathSync(top.trim()) !== realpathSync(this.directory)) {
      throw usage(`${this.directory} is not the root of its repository, ${top.trim()} is`, {
        fix: 'An app keeps its own repository, with lockstep.yaml in the root: give that with --app.',
      });
    }
  }

  #git(...command: string[]): Promise<string> {
    return this.#in(this.directory, ...command);
  }

  #in(directory: string, ...command: string[]): Promise<string> {
    return outputOf(['git', ...command], { cwd: directory, environment: this.#environment });
  }

  #try(...command: string[]): Promise<string | undefined> {
    return this.#tryIn(this.directory, ...command);
  }

  async #tryIn(directory: string, ...command: string[]): Promise<string | undefined> {
    if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
    const chunks: Buffer[] = [];
    const { exitCode } = await run(['git', ...command], {
      cwd: directory,
      environment: this.#environment,
      onOutput: (bytes) => chunks.push(bytes),
    });
    return exitCode === 0 ? Buffer.concat(chunks).toString('utf8') : undefined;
  }
}

const noDirectories = { shared: [], scratch: [] };

function isPointer(file: string, { mode, size }: TreeEntry): boolean {
  if (mode === link || mode === submodule || size < 100 || size > 1024) return false;
  return readFileSync(file, 'latin1').startsWith('version https://git-lfs.github.com/spec/');
}
