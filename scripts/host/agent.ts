import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { sha256 } from '../domain/canonical.ts';
import { exitCodes, interrupted, LockstepError, messageOf, usage } from '../domain/errors.ts';
import {
  type AgentOutput,
  agentNodeOptions,
  hostProvisioningSchema,
  maximumOutputCharacters,
} from '../domain/order/host-protocol.ts';
import { storeKeys } from '../domain/store-keys.ts';
import { DirectoryStore } from '../store/directory-store.ts';
import { type Host, hostPaths } from './place/host.ts';
import type { Supervisor } from './place/supervisor.ts';
import { releaseStore } from './release-store.ts';
import { LocalSupervisor } from './services/local/local-supervisor.ts';
import { superviseHost } from './services/local/supervisor-process.ts';
import { SystemdSupervisor } from './services/systemd/systemd-supervisor.ts';
import { runners } from './verbs/verbs.ts';

/**
 * The host agent: `node agent.mjs <verb> --root DIR`, the request as JSON on standard input, one line of JSON
 * on standard output (domain/host-protocol.ts). Exits 0 with an answer, else with the code of the error's
 * kind.
 *
 * Verbs: stage, activate, deactivate, boot, probe, attest, logs; on the local target also
 * - `shutdown`: stops services and supervisor in an orderly way; `boot` brings the host back;
 * - `processes`: their process ids, for a test that loses a host the hard way (see host-processes.ts);
 * - `supervise [--resume]`: the supervisor's own long-running process; only the agent itself starts it.
 */
async function main(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interruption.abort(interrupted(`the agent was interrupted by ${signal}`)));

  const [verb = '', flag, root, ...options] = argv;
  let host: Host | undefined;
  let output: AgentOutput;
  try {
    if (flag !== '--root' || root === undefined || (verb !== 'supervise' && options.length > 0))
      throw usage('usage: agent.mjs <verb> --root DIR, the request as JSON on standard input');
    if (verb === 'supervise') {
      process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
      const state = new DirectoryStore(hostPaths(path.resolve(root)).state);
      await superviseHost(path.resolve(root), state, options.includes('--resume'));
      return 0;
    }
    const run = runners.get(verb);
    if (run === undefined) {
      throw usage(`unknown verb ${JSON.stringify(verb)}`, {
        fix: `Known: ${[...runners.keys()].join(', ')}.`,
      });
    }
    host = await openHost(path.resolve(root), interruption.signal);
    output = { outcome: 'answer', answer: await run(host, parseRequest(await text(process.stdin))) };
  } catch (error) {
    output = errorOutput(error, interruption.signal);
  }
  const line = await outputLine(output, host);
  process.stdout.write(`${line}\n`);
  return output.outcome === 'error' ? exitCodes[output.kind] : 0;
}

async function openHost(root: string, signal: AbortSignal): Promise<Host> {
  const agentFile = import.meta.filename;
  const provisioning = hostProvisioningSchema.parse(
    JSON.parse(await readFile(hostPaths(root).provisioning, 'utf8')),
  );
  const environment = environmentOf(provisioning.supervisor, process.env);
  return {
    root,
    provisioning,
    store: releaseStore(provisioning.store, environment, signal),
    state: new DirectoryStore(hostPaths(root).state),
    supervisor: supervisorOf(provisioning.supervisor, { root, agentFile, environment }),
    agent: sha256(await readFile(agentFile)),
    environment,
    signal,
    now: () => new Date(),
  };
}

/** Who services of a cloud host run as; its boot makes the user. */
const serviceUser = 'lockstep';
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

type Environment = Host['environment'];

/**
 * What verbs and services see. On a machine of its own the start, Run Command and a person's shell have
 * each another PATH, and another environment would be another content: all get the same, with the Node
 * that was brought along.
 */
function environmentOf(kind: 'local' | 'systemd', ambient: Environment): Environment {
  if (kind === 'local') return ambient;
  return { ...ambient, PATH: [path.dirname(process.execPath), ...systemDirectories].join(':') };
}

function supervisorOf(
  kind: 'local' | 'systemd',
  { root, agentFile, environment }: { root: string; agentFile: string; environment: Environment },
): Supervisor {
  if (kind === 'systemd') return new SystemdSupervisor(serviceUser);
  const command = [process.execPath, ...agentNodeOptions, agentFile, 'supervise', '--root', root] as const;
  return new LocalSupervisor(root, command, environment.PATH ?? '/usr/bin:/bin');
}

function parseRequest(input: string): unknown {
  try {
    return input.trim() === '' ? {} : JSON.parse(input);
  } catch {
    throw usage('the request on standard input is not JSON');
  }
}

function errorOutput(error: unknown, signal: AbortSignal): AgentOutput {
  const known =
    error instanceof LockstepError
      ? error
      : signal.aborted && signal.reason instanceof LockstepError
        ? signal.reason
        : error instanceof z.ZodError
          ? usage(`not understood: ${z.prettifyError(error)}`)
          : new LockstepError('errored', messageOf(error), { cause: error });
  return {
    outcome: 'error',
    kind: known.kind,
    message: known.message,
    fix: known.fix ?? null,
    retry: known.retry,
    details: [...known.details],
  };
}

/** The line itself, or where in the store the long answer lies. */
async function outputLine(output: AgentOutput, host: Host | undefined): Promise<string> {
  const line = JSON.stringify(output);
  if (line.length < maximumOutputCharacters) return line;
  if (output.outcome !== 'answer' || host === undefined) return JSON.stringify(cut(output));
  const id = randomUUID();
  const body = new TextEncoder().encode(JSON.stringify(output.answer));
  const { app, environment } = host.provisioning;
  await host.store.putIfAbsent(storeKeys.answer(app, environment, id), body);
  return JSON.stringify({ outcome: 'stored', id, sha256: sha256(body) } satisfies AgentOutput);
}

/** An error whose details are too long keeps its message and loses details from the end. */
function cut(output: AgentOutput): AgentOutput {
  if (output.outcome !== 'error') return output;
  const message = output.message.slice(0, maximumOutputCharacters / 4);
  return { ...output, message, details: output.details.slice(0, 5).map((line) => line.slice(0, 500)) };
}

// Whatever is still open (a connection, a timer) must not keep a verb alive.
process.exitCode = await main(process.argv.slice(2));
process.stdout.end(() => process.exit());
