import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { enginePath, findEngine, whyNoEngine } from './engine-place.ts';

export type EngineAnswer = { code: number | null; stdout: string; stderr: string };
export type EngineCommand = (...words: string[]) => Promise<EngineAnswer>;

/**
 * What `pulumi` is told by its environment: state and its own home in `kept`, a passphrase, and the provider
 * that is served on `port` in the place of AWS. It neither fetches plugins nor asks for newer versions.
 */
export function engineEnvironment(kept: string, port?: number): Record<string, string> {
  const engine = findEngine();
  if (engine === undefined) throw new Error(whyNoEngine() ?? 'there is no engine');
  const [home, state] = [path.join(kept, 'home'), path.join(kept, 'state')];
  for (const made of [home, state]) mkdirSync(made, { recursive: true });
  const attached = port === undefined ? undefined : `aws:${port},awsx:${port}`;
  const environment: Record<string, string> = {
    PATH: enginePath(engine),
    HOME: home,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: 'only for this test',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    NO_COLOR: '1',
  };
  return attached === undefined ? environment : { ...environment, PULUMI_DEBUG_PROVIDERS: attached };
}

/** Runs `pulumi …` in a directory; whether it failed is for the caller to judge. */
export function engineIn(directory: string, environment: Record<string, string>): EngineCommand {
  return async (...words) => {
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
}

/** Fails with what the engine said, which is worth more than an exit code. */
export function succeeded(answer: EngineAnswer): EngineAnswer {
  expect(answer.code, `${answer.stdout.slice(-3_000)}\n${answer.stderr.slice(-3_000)}`).toBe(0);
  return answer;
}

export const saidBy = ({ stdout, stderr }: EngineAnswer) => `${stdout}\n${stderr}`;
