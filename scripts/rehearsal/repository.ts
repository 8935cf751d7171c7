import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GitSource } from '../adapters/build/git-source.ts';
import { outputOf } from '../adapters/processes/shell.ts';
import { errored } from '../domain/errors.ts';

/**
 * A git repository of the rehearsal's own, so that tags can be made and moved without touching the user's.
 */
export class Repository {
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(directory: string, environment: Readonly<Record<string, string | undefined>>) {
    this.directory = directory;
    this.#environment = {
      PATH: environment.PATH,
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Rehearsal',
      GIT_AUTHOR_EMAIL: 'rehearsal@example.com',
      GIT_COMMITTER_NAME: 'Rehearsal',
      GIT_COMMITTER_EMAIL: 'rehearsal@example.com',
    };
  }

  /** A copy of a directory's files as a first commit. */
  async startFrom(source: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await cp(source, this.directory, {
      recursive: true,
      filter: (file) => !/(^|\/)(node_modules|\.git|\.lockstep)(\/|$)/.test(path.relative(source, file)),
    });
    await this.#git('init', '--quiet', '--initial-branch=main');
    await this.commit('first');
  }

  /**
   * A clone with all its tags.
   * @throws LockstepError usage where `source` is not the root of a repository.
   */
  async cloneOf(source: string): Promise<void> {
    await new GitSource(source, this.#environment).checkRoot();
    await mkdir(path.dirname(this.directory), { recursive: true });
    await outputOf(['git', 'clone', '--quiet', '--no-hardlinks', source, this.directory], {
      cwd: path.dirname(this.directory),
      environment: { ...this.#environment, HOME: path.dirname(this.directory) },
    });
  }

  /** Tags, oldest commit first. */
  async tags(): Promise<string[]> {
    const listed = await this.#git('tag', '--list', '--sort=creatordate');
    return listed.split('\n').filter((tag) => tag !== '');
  }

  async commit(message: string): Promise<void> {
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--allow-empty', '--message', message);
  }

  async tag(name: string, options: { move?: boolean } = {}): Promise<void> {
    await this.#git('tag', ...(options.move === true ? ['--force'] : []), name);
  }

  /** Replaces text in a file; the text must be there. */
  async edit(file: string, from: string | RegExp, to: string): Promise<void> {
    const target = path.join(this.directory, file);
    const before = await readFile(target, 'utf8');
    const after = before.replace(from, to);
    if (after === before) throw errored(`${file} of the sample app no longer holds ${String(from)}`);
    await writeFile(target, after);
  }

  async #git(...words: string[]): Promise<string> {
    return outputOf(['git', ...words], { cwd: this.directory, environment: this.#environment });
  }
}
