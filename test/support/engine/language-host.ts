import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import rpc from '@pulumi/pulumi/proto/language_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import { listen, nothing } from '../servers/pulumi-grpc.ts';

/**
 * What Pulumi's engine asks to run a program in Node: `pulumi-language-nodejs`, whose Go source no registry
 * serves. It starts Pulumi's own runners, `cmd/run` and `cmd/run-policy-pack`, as that does, and knows of no
 * packages: the providers are attached. Debuggers, dependencies and generated code are not its business.
 */
type Call<Request> = { request: Request };
type Answer = (error: Error | null, answer?: unknown) => void;
type Stream<Request> = Call<Request> & {
  write: (answer: unknown) => void;
  end: () => void;
  on: (event: 'cancelled', listener: () => void) => void;
};

/** A runner's way to say that it told the user everything (`cmd/run/index.js`). */
const toldTheUser = 32;
const [engineAddress = ''] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const running = new Set<ChildProcess>();

/** Of the packages that the program itself uses. */
function runner(directory: string, name: 'run' | 'run-policy-pack'): string {
  return createRequire(path.join(directory, 'package.json')).resolve(`@pulumi/pulumi/cmd/${name}`);
}

function start(words: readonly string[], environment: NodeJS.ProcessEnv, directory: string): ChildProcess {
  const child = spawn(process.execPath, words, { cwd: directory, env: { ...process.env, ...environment } });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** `runtime.options` of Pulumi.yaml, as far as a program that Node runs itself can use them. */
function optionsOf(info: messages.ProgramInfo | undefined) {
  const { typescript, nodeargs } = (info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>;
  const words = typeof nodeargs === 'string' ? nodeargs.split(' ').filter((word) => word !== '') : [];
  return { words, environment: { PULUMI_NODEJS_TYPESCRIPT: String(typescript ?? true) } };
}

function run({ request }: Call<messages.RunRequest>, done: Answer): void {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() || request.getPwd();
  const options = optionsOf(info);
  const config = JSON.stringify(Object.fromEntries(request.getConfigMap().toObject(true)));
  const flags = Object.entries({
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    'root-directory': info?.getRootDirectory() ?? '',
    stack: request.getStack(),
    pwd: directory,
    parallel: String(request.getParallel()),
  }).flatMap(([name, value]) => (value === '' ? [] : [`--${name}=${value}`]));
  if (request.getDryrun()) flags.push('--dry-run');
  const words = [...options.words, runner(directory, 'run'), ...flags, info?.getEntryPoint() || '.'];
  const child = start(
    [...words, ...request.getArgsList()],
    {
      ...options.environment,
      PULUMI_CONFIG: config,
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    directory,
  );
  // The engine shows what comes here.
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  child.once('error', (error) => done(error));
  child.once('close', (code, signal) => {
    const answer = new messages.RunResponse();
    if (code === toldTheUser) answer.setBail(true);
    else if (code !== 0) answer.setError(`the program ended with ${code ?? signal}`);
    done(null, answer);
  });
}

/** A policy pack, whose first line is its port. It runs in its own directory, as under Pulumi's own host. */
function runPlugin(stream: Stream<messages.RunPluginRequest>): void {
  const { request } = stream;
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() || request.getPwd();
  const options = optionsOf(info);
  const words = [runner(directory, 'run-policy-pack'), ...options.words, ...request.getArgsList(), directory];
  const given = request.getEnvList().map((each) => /^([^=]*)=(.*)$/s.exec(each)?.slice(1) ?? [each, '']);
  const child = start(words, { ...Object.fromEntries(given), ...options.environment }, directory);
  const answer = () => new messages.RunPluginResponse();
  child.stdout?.on('data', (bytes: Buffer) => stream.write(answer().setStdout(bytes)));
  child.stderr?.on('data', (bytes: Buffer) => stream.write(answer().setStderr(bytes)));
  stream.on('cancelled', () => child.kill());
  child.once('close', (code) => {
    stream.write(answer().setExitcode(code ?? 1));
    stream.end();
  });
}

const host = {
  handshake: (_: unknown, done: Answer) => done(null, new messages.LanguageHandshakeResponse()),
  getPluginInfo: (_: unknown, done: Answer) => done(null, new plugin.PluginInfo().setVersion('0.0.0')),
  getRequiredPackages: (_: unknown, done: Answer) => done(null, new messages.GetRequiredPackagesResponse()),
  runtimeOptionsPrompts: (_: unknown, done: Answer) => done(null, new messages.RuntimeOptionsResponse()),
  about: (_: unknown, done: Answer) =>
    done(null, new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
  cancel: (_: unknown, done: Answer) => {
    for (const child of running) child.kill('SIGINT');
    done(null, nothing());
  },
  run,
  runPlugin,
};

function end(): void {
  for (const child of running) child.kill('SIGKILL');
  process.exit();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
// An engine that was killed says nothing else: its end of this pipe closes.
process.stdin.on('end', end).resume();

const { address } = await listen([rpc.LanguageRuntimeService, host]);
console.log(address.split(':').at(-1));
