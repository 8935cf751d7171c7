import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { installedOnce } from '../run/installed-once.ts';
import {
  type Engine,
  engineCache,
  engineModule,
  engineVersion,
  findEngine,
  onThePath,
} from './engine-place.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Options = {
  environment?: Environment;
  /** Ends a build that takes too long; the next one goes on with what is compiled. */
  signal?: AbortSignal | undefined;
  say: (line: string) => void;
};

const goPackage = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
/** Another run may build at the same time, on a machine that is six times slower than a good one. */
const patienceSeconds = 3_600;

/**
 * Answers the engine, built first where there is none and Go is there: some minutes of two processors once,
 * then it lies in the user's cache. One run builds, others wait for it; a build that was ended leaves nothing
 * that is used.
 *
 * @throws Error where there is neither, with what to install, or with what Go said.
 */
export async function prepareEngine({ environment = process.env, signal, say }: Options): Promise<Engine> {
  const found = findEngine(environment);
  if (found !== undefined) return found;
  if (onThePath('go', environment) === undefined) {
    throw new Error(
      'There is neither `pulumi` nor Go on the PATH. Install one of them: https://www.pulumi.com/docs/install, https://go.dev/dl.',
    );
  }
  const place = engineCache(environment);
  await installedOnce(place, () => buildInto(place, { environment, signal, say }), { patienceSeconds });
  const engine = findEngine(environment);
  if (engine === undefined) throw new Error(`the engine was built, but is not in ${place}`);
  return engine;
}

/**
 * The compiler of a run that was ended may still be at work: it writes a file of its own, which nobody uses.
 */
async function buildInto(place: string, { environment, signal, say }: Options): Promise<void> {
  const version = engineVersion();
  say(`Building Pulumi's engine ${version} (once; about 6 minutes on two ordinary cores) into ${place}`);
  const built = path.join(place, `pulumi-${process.pid}`);
  const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
  const options = ['-mod=readonly', '-trimpath', '-ldflags', `-s -w ${stamp}`];
  const child = spawn('go', ['build', ...options, '-o', built, goPackage], {
    cwd: engineModule,
    env: { ...environment, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`go build ended with ${code}:\n${said.join('').slice(-3_000)}`);
  await rename(built, path.join(place, 'pulumi'));
}

if (import.meta.main) {
  const began = performance.now();
  try {
    const { program, from } = await prepareEngine({ say: (line) => console.error(line) });
    console.error(
      `The engine: ${program} (from ${from}, ${((performance.now() - began) / 1000).toFixed(1)} s)`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
