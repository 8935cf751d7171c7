import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { FileSecrets } from '../../../scripts/adapters/local/secret-file.ts';
import { readAppManifest } from '../../../scripts/adapters/settings/app-manifest-file.ts';
import { runCommandLine } from '../../../scripts/command-line.ts';
import { generateSettings } from '../../../scripts/rehearsal/generated-settings.ts';
import { Repository } from '../../../scripts/rehearsal/repository.ts';
import { LocalTarget } from '../../../scripts/targets/local/local-target.ts';

const cli = fileURLToPath(new URL('../../../scripts/cli.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/lockstep', import.meta.url));
const tinyApp = fileURLToPath(new URL('tiny-app', import.meta.url));

export type Ran = { code: number | null; stdout: string; stderr: string };

/** A project with the tiny app (or another) in git, driven by the command line as its users drive it. */
export class TinyProject {
  readonly place: string;
  readonly project: string;
  readonly repository: Repository;

  private constructor(place: string) {
    this.place = place;
    this.project = path.join(place, 'infrastructure');
    this.repository = new Repository(path.join(place, 'app'), process.env);
  }

  /** A project whose files lie there already. */
  static at(place: string): TinyProject {
    return new TinyProject(place);
  }

  /** `edit`: changes of the generated settings, file name -> text to text. */
  static async create(
    app = tinyApp,
    edit: (file: string, content: string) => string = (_file, content) => content,
  ) {
    const made = new TinyProject(await mkdtemp(path.join(os.tmpdir(), 'lockstep-e2e-')));
    await made.repository.startFrom(app);
    const manifest = await readAppManifest(made.repository.directory);
    await mkdir(made.project);
    for (const [file, content] of Object.entries(generateSettings({ manifest, llm: null }))) {
      await writeFile(path.join(made.project, file), edit(file, content));
    }
    const secrets = new FileSecrets(made.project);
    for (const name of Object.keys(manifest.secrets)) {
      for (const environment of ['staging', 'production']) {
        await secrets.set(environment, name, `${environment}-${name}-value-of-at-least-32-characters`);
      }
    }
    return made;
  }

  /** A commit with another version, tagged. */
  async release(tag: string, version: number): Promise<void> {
    await this.repository
      .edit('version.mjs', /version = .*;/, `version = ${version};`)
      .catch((error: unknown) => {
        if (version !== 1) throw error;
      });
    await this.repository.commit(tag);
    await this.repository.tag(tag);
  }

  start(...words: string[]): ChildProcess {
    return spawn(process.execPath, [cli, ...words, '--project', this.project], {
      cwd: this.repository.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
  }

  /** A verb in this process: what {@link start} does, without the second that a new process takes. */
  async run(...words: string[]): Promise<Ran> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const app = words[0] === 'build' ? ['--app', this.repository.directory] : [];
    const running = runCommandLine([...words, ...app, '--project', this.project], {
      stdout,
      stderr,
      environment: process.env,
      signal: new AbortController().signal,
    }).finally(() => {
      stdout.end();
      stderr.end();
    });
    const [code, out, err] = await Promise.all([running, text(stdout), text(stderr)]);
    return { code, stdout: out, stderr: err };
  }

  /** A verb that must exit with `code`. */
  async expect(code: number, ...words: string[]): Promise<Ran> {
    const ran = await this.run(...words);
    if (ran.code !== code) {
      throw new Error(
        `lockstep ${words.join(' ')} exited ${ran.code}, not ${code}\n${ran.stdout}\n${ran.stderr}`,
      );
    }
    return ran;
  }

  /** The project's environments, as verbs open them. */
  target(): LocalTarget {
    return new LocalTarget({
      options: { json: false, verbose: false, project: this.project, target: 'local' },
      signal: new AbortController().signal,
      reporter: { step: (_title, work) => work(() => {}), info: () => {}, warn: () => {} },
      environment: process.env,
      colour: false,
    });
  }

  hostDirectory(environment: string, host: string, app = 'tiny'): string {
    return path.join(this.project, '.lockstep/local', app, environment, 'hosts', host);
  }

  async remove(): Promise<void> {
    await this.run('local', 'down');
    await rm(this.place, { recursive: true, force: true });
  }
}

export async function finished(child: ChildProcess): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    said.stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
