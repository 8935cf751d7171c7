import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { isInstalled } from '../run/installed-once.ts';

/** The Go module that pins the engine; its go.sum checks what the module registry serves. */
export const engineModule = path.join(import.meta.dirname, 'module');
/** Ours, for an engine that has none beside it. */
const languageHosts = path.join(import.meta.dirname, 'bin');
const languageHost = 'pulumi-language-nodejs';

type Environment = Readonly<Record<string, string | undefined>>;
export type Engine = { program: string; from: 'the PATH' | 'the cache' };

/** Such as `v3.274.1`: what go.mod says. */
export function engineVersion(): string {
  const text = readFileSync(path.join(engineModule, 'go.mod'), 'utf8');
  const [, version] = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/m.exec(text) ?? [];
  if (version === undefined) throw new Error('go.mod of the engine names no github.com/pulumi/pulumi/pkg/v3');
  return version;
}

/** Where the engine that the tests build lies. */
export function engineCache(environment: Environment = process.env): string {
  const caches = environment.XDG_CACHE_HOME || path.join(environment.HOME ?? homedir(), '.cache');
  return path.join(caches, 'lockstep', `engine-${engineVersion()}-${process.arch}`);
}

/** A `pulumi` on the PATH as it is, else the one that was built; undefined: there is none. */
export function findEngine(environment: Environment = process.env): Engine | undefined {
  const onPath = onThePath('pulumi', environment);
  if (onPath !== undefined) return { program: onPath, from: 'the PATH' };
  const cache = engineCache(environment);
  return isInstalled(cache) ? { program: path.join(cache, 'pulumi'), from: 'the cache' } : undefined;
}

/**
 * Why a test that needs the engine is skipped, with the line to type; null: it runs. `.ci/run` says in
 * LOCKSTEP_ENGINE that it was left out (`left out: …`), or that it is `required`: where it is missing then,
 * the tests fail.
 */
export function whyNoEngine(environment: Environment = process.env): string | null {
  const { LOCKSTEP_ENGINE: said = '' } = environment;
  const [, leftOut] = /^left out: (.*)$/s.exec(said) ?? [];
  if (leftOut !== undefined) return leftOut;
  if (said === 'required' || findEngine(environment) !== undefined) return null;
  const first = 'needs Pulumi’s engine: npm run test:engine';
  if (onThePath('go', environment) !== undefined) return `${first} (builds it once, some minutes)`;
  return `${first} (which needs Go on the PATH to build it, or \`pulumi\`: https://www.pulumi.com/docs/install)`;
}

/** A PATH with the engine, the Node that runs this, and a language host for programs in Node. */
export function enginePath({ program }: Engine, environment: Environment = process.env): string {
  const own = [path.dirname(program), path.dirname(process.execPath), environment.PATH ?? ''];
  const beside = path.join(path.dirname(realpathSync(program)), languageHost);
  const present = existsSync(beside) || onThePath(languageHost, environment) !== undefined;
  return [...own, ...(present ? [] : [languageHosts])].join(path.delimiter);
}

/** The first executable file of that name. */
export function onThePath(program: string, environment: Environment): string | undefined {
  const directories = (environment.PATH ?? '').split(path.delimiter).filter((each) => each !== '');
  return directories.map((directory) => path.join(directory, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
