import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { sha256 } from '../../domain/canonical.ts';
import { LockstepError, messageOf } from '../../domain/errors.ts';
import {
  type AgentOutput,
  agentNodeOptions,
  agentOutputSchema,
  maximumOutputCharacters,
} from '../../domain/order/host-protocol.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { HostUnreachable } from '../../workflows/ports/hosts.ts';

export type AgentPlace = { app: string; environment: string; host: string; root: string; agent: string };

/** Variables that an agent may inherit; nothing else of the deployer's environment reaches a host. */
export type AgentEnvironment = Readonly<Record<string, string | undefined>>;
const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;

/**
 * Runs one verb as a remote command would: text in, text out, a process of its own. In its own session, so
 * that Ctrl-C in the deployer's terminal doesn't end a verb half way.
 *
 * @returns the answer, not yet parsed by the verb's schema.
 * @throws HostUnreachable when the agent gives no answer; LockstepError of the agent's kind when it answers
 *   an error.
 */
export async function runAgent(
  place: AgentPlace,
  verb: string,
  request: unknown,
  {
    store,
    environment,
    signal,
  }: { store: ObjectStore; environment: AgentEnvironment; signal?: AbortSignal | undefined },
): Promise<unknown> {
  signal?.throwIfAborted();
  const { host, root, agent } = place;
  const file = path.join(root, 'agent', `${agent}.mjs`);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...agentNodeOptions, file, verb, '--root', root],
    {
      cwd: root,
      detached: true,
      stdio: 'pipe',
      env: {
        ...Object.fromEntries(
          inherited.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
        ),
        // Beside the agent, outside of every release: the same file is started for each verb.
        NODE_COMPILE_CACHE: path.join(root, 'agent', '.cache'),
      },
    },
  );
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end, { once: true });
  try {
    const ended = Promise.withResolvers<string>();
    child.once('error', (error) => ended.reject(new HostUnreachable(host, messageOf(error))));
    child.once('close', (code, by) => ended.resolve(by === null ? `exit code ${code}` : by));
    // The agent may be gone before it has read everything: what it answered, or didn't, says more than EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
    const [output, complaint, exit] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended.promise,
    ]);
    return await answerOf(
      parseOutput(host, output, `${exit}: ${complaint.trim().slice(-500)}`),
      place,
      store,
    );
  } catch (error) {
    if (signal?.aborted && error instanceof HostUnreachable) throw signal.reason;
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function parseOutput(host: string, output: string, otherwise: string): AgentOutput {
  if (output.length > maximumOutputCharacters + 1) {
    throw new HostUnreachable(
      host,
      `its agent answered ${output.length} characters, more than can be carried`,
    );
  }
  try {
    return agentOutputSchema.parse(JSON.parse(output));
  } catch {
    throw new HostUnreachable(host, `its agent gave no answer (${otherwise})`);
  }
}

async function answerOf(
  output: AgentOutput,
  { app, environment, host }: AgentPlace,
  store: ObjectStore,
): Promise<unknown> {
  switch (output.outcome) {
    case 'answer':
      return output.answer;
    case 'stored': {
      const stored = await store.get(storeKeys.answer(app, environment, output.id));
      if (stored === undefined || sha256(stored.body) !== output.sha256) {
        throw new HostUnreachable(host, `its answer ${output.id} in the store is missing or damaged`);
      }
      return JSON.parse(new TextDecoder().decode(stored.body));
    }
    case 'error':
      throw new LockstepError(output.kind, `${host}: ${output.message}`, {
        fix: output.fix ?? undefined,
        retry: output.retry,
        details: output.details,
      });
  }
}
