import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engineEnvironment, engineIn } from './engine-command.ts';
import { serve } from './served.ts';

const root = path.join(import.meta.dirname, '../../..');

export type EngineProject = Awaited<ReturnType<typeof createEngineProject>>;

/**
 * What the engine would be given: a copy in a temporary directory, so that settings can be changed. Pins that
 * are examples become pins by name only, since the program refuses examples.
 */
export async function copyProject() {
  const directory = await mkdtemp(path.join(tmpdir(), 'lockstep-engine-'));
  const inside = (file: string) => path.join(directory, file);
  const settings = (await readdir(root)).filter((file) => /^Pulumi\..*yaml$/.test(file));
  for (const file of [...settings, 'package.json', 'infra']) {
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

/** A project with its state and the engine's home in it, and the stub in the place of AWS. */
export async function createEngineProject(stack: string) {
  const { directory, inside, change, remove } = await copyProject();
  const stub = await serveStub();
  const environment = engineEnvironment(inside('.engine'), stub.port);
  const pulumi = engineIn(directory, environment);
  return {
    directory,
    change,
    environment,
    init: () => pulumi('stack', 'init', stack),
    /** On the stack. */
    pulumi: (...words: string[]) => pulumi(...words, '--stack', stack),
    remove: async () => {
      await stub.stop();
      await remove();
    },
  };
}
