import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GitSource } from '../../../scripts/adapters/build/git-source.ts';
import { LocalWorkshop } from '../../../scripts/adapters/build/local-workshop.ts';
import { releaseManifestSchema } from '../../../scripts/domain/release/release.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { removeTree } from '../../../scripts/machine/directory.ts';
import { DirectoryStore } from '../../../scripts/store/directory-store.ts';
import { build } from '../../../scripts/workflows/build/build.ts';
import { checkBuild } from '../../../scripts/workflows/build/build-check.ts';
import type { BuildPorts } from '../../../scripts/workflows/ports/build.ts';
import { MemorySigner } from '../fakes/memory-signer.ts';

export type Builder = { store: DirectoryStore; ports: BuildPorts; warnings: string[] };

/** A real git repository of an app and as many machines to build it on as a test wants. */
export class AppRepository {
  readonly directory: string;
  readonly app: string;

  static async create(files: Readonly<Record<string, string | Buffer>>): Promise<AppRepository> {
    const repository = new AppRepository(await mkdtemp(path.join(tmpdir(), 'lockstep-app-')));
    await mkdir(repository.app);
    repository.git('init', '--quiet');
    await repository.commit(files, 'v1');
    return repository;
  }

  private constructor(directory: string) {
    this.directory = directory;
    this.app = path.join(directory, 'app');
  }

  async write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.app, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }

  async commit(files: Readonly<Record<string, string | Buffer>>, tag: string): Promise<void> {
    await this.write(files);
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', tag);
    this.git('tag', '--force', tag);
  }

  git(...command: string[]): string {
    const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.invalid', '-c', 'core.autocrlf=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...command], {
      cwd: this.app,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
    if (status !== 0) throw new Error(`git ${command.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** A machine with its own store and work directory. */
  builder(name: string, environment: Readonly<Record<string, string | undefined>> = process.env): Builder {
    const store = new DirectoryStore(path.join(this.directory, name, 'store'));
    const warnings: string[] = [];
    const ports: BuildPorts = {
      store,
      signer: new MemorySigner(),
      source: new GitSource(this.app, environment),
      workshop: new LocalWorkshop(path.join(this.directory, name, 'work'), environment),
      reporter: {
        step: (_, work) => work(() => {}),
        info: () => {},
        warn: (text) => void warnings.push(text),
      },
    };
    return { store, ports, warnings };
  }

  remove(): Promise<void> {
    return removeTree(this.directory).then(() => rm(this.directory, { recursive: true, force: true }));
  }
}

const request = (tag: string) => ({
  tag,
  builtBy: 'test',
  factsProblems: () => [],
  signal: new AbortController().signal,
});

export const buildOn = ({ ports }: Builder, tag = 'v1') => build(ports, request(tag));
export const checkOn = ({ ports }: Builder, tag = 'v1') => checkBuild(ports, request(tag));

export async function manifestIn({ store }: Builder, release: string) {
  const object = await store.get(storeKeys.releaseManifest(release));
  return releaseManifestSchema.parse(JSON.parse(new TextDecoder().decode(object?.body)));
}

/** A manifest of the smallest app, with what a test adds. */
export const appYaml = (more = '', name = 'sample') => `name: ${name}
services:
  web:
    command: [node, server.js]
    check: [node, --check, server.js]
${more}`;
