import type { z } from 'zod';
import { type Verb, type VerbAnswer, type VerbRequest, verbs } from '../../domain/order/host-protocol.ts';
import type { Host } from '../place/host.ts';
import { verbLock } from '../place/locks.ts';
import { hostProcesses } from '../services/local/host-processes.ts';
import { activate } from './activate.ts';
import { attest } from './attest.ts';
import { boot } from './boot.ts';
import { deactivate } from './deactivate.ts';
import { logs } from './logs.ts';
import { probe } from './probe.ts';
import { stage } from './stage.ts';

type Handlers = { [V in Verb]: (host: Host, request: VerbRequest<V>) => Promise<VerbAnswer<V>> };
const handlers: Handlers = { stage, activate, deactivate, boot, probe, attest, logs };

/**
 * Parses the request of a verb, does it, and answers.
 * @throws ZodError for a request that isn't the verb's.
 */
type Runner = (host: Host, request: unknown) => Promise<unknown>;

function runner<V extends Verb>(verb: V): Runner {
  const schema: z.ZodType = verbs[verb].request;
  return (host, request) => handlers[verb](host, schema.parse(request) as VerbRequest<V>);
}

/**
 * Verbs of the local target alone, no part of the protocol with a deployer: `shutdown` stops services and
 * supervisor as a machine's orderly shutdown does (what is current stays, `boot` brings it back); `processes`
 * lists them.
 */
const localVerbs: Readonly<Record<string, Runner>> = {
  shutdown: async (host) => ({
    stopped: await verbLock(host.state).during('shutdown', () => host.supervisor.stop()),
  }),
  processes: (host) => hostProcesses(host.root),
};

export const runners: ReadonlyMap<string, Runner> = new Map<string, Runner>([
  ...(Object.keys(verbs) as Verb[]).map((verb) => [verb, runner(verb)] as const),
  ...Object.entries(localVerbs),
]);
