import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from './served.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Null: it is there. */
export function whyNoEngine(): string | null {
  const { status } = spawnSync('pulumi', ['version'], { stdio: 'ignore' });
  return status === 0 ? null : 'there is no `pulumi` on the PATH (https://www.pulumi.com/docs/install)';
}

export type EngineAnswer = { code: number | null; stdout: string; stderr: string };

export type EngineProject = Awaited<ReturnType<typeof createEngineProject>>;

/**
 * What the engine would be given: a copy in a temporary directory, so that settings can be changed. Pins that
 * are examples become pins by name only, since the program refuses examples.
 */
export async function copyProject(stack: string) {
  const directory = await mkdtemp(path.join(tmpdir(), 'lockstep-engine-'));
  const inside = (file: string) => path.join(directory, file);
  for (const file of ['Pulumi.yaml', `Pulumi.${stack}.yaml`, 'package.json', 'infra']) {
    await cp(path.join(root, file), inside(file), { recursive: true });
  }
  await symlink(path.join(root, 'node_modules'), inside('node_modules'));
  const change = async (file: string, from: string | RegExp, to: string) => {
    const text = await readFile(inside(file), 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new TypeError(`${file} has no ${from}: the test has to follow it`);
    await writeFile(inside(file), changed);
  };
  await change('infra/pins.json', '"example": true', '"example": false');
  return { directory, inside, change, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Both packages, in a process of its own. */
export function serveStub() {
  return serve([path.join(import.meta.dirname, 'serve-stub.ts')], root);
}

/** A project with its state and the engine's home beside it, and the stub in the place of AWS. */
export async function createEngineProject(stack: string) {
  const { directory, inside, change, remove } = await copyProject(stack);
  for (const made of ['state', 'home']) await mkdir(inside(made));
  const stub = await serveStub();
  const environment = {
    // The engine runs the program by the `node` that it finds first.
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
    HOME: inside('home'),
    PULUMI_HOME: inside('home'),
    PULUMI_BACKEND_URL: `file://${inside('state')}`,
    PULUMI_CONFIG_PASSPHRASE: 'only for this test',
    PULUMI_DEBUG_PROVIDERS: `aws:${stub.port},awsx:${stub.port}`,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    NO_COLOR: '1',
  };

  /** Runs `pulumi …` there; whether it failed is for the caller to judge. */
  const pulumi = async (...words: string[]): Promise<EngineAnswer> => {
    const child = spawn('pulumi', [...words, '--non-interactive'], {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  };

  return {
    directory,
    change,
    init: () => pulumi('stack', 'init', stack, '--secrets-provider', 'passphrase'),
    /** On the stack. */
    pulumi: (...words: string[]) => pulumi(...words, '--stack', stack),
    remove: async () => {
      await stub.stop();
      await remove();
    },
  };
}
