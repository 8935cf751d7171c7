import { setTimeout as wait } from 'node:timers/promises';
import * as pulumi from '@pulumi/pulumi';
import rpc from '@pulumi/pulumi/runtime/rpc.js';
import settings from '@pulumi/pulumi/runtime/settings.js';
import { failed, messageOf } from '../../domain/errors.ts';
import { type Graph, labelOf, type Value } from '../../domain/plan/graph.ts';
import { findFragments } from '../../domain/plan/graph-fragments.ts';
import { decodeGraph } from './encoded-text.ts';
import { RecordingMonitor } from './recording-monitor.ts';
import { readable } from './register-request.ts';
import { watchOutputs } from './watched-outputs.ts';

/** A program that waits for an output that never comes would wait for ever. */
const settleMilliseconds = 120_000;
/**
 * After an output that failed: time for other faults to show, since what waits for that output never ends.
 */
const brokenMilliseconds = 2_000;

/** Public at run time, hidden in the types: without it secrets and aliases would be flattened. */
type FeatureSupport = { awaitFeatureSupport(): Promise<void> };

let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs a Pulumi program in this process, with no engine, no plugin and no credentials, and returns what it
 * declares. Pulumi's runtime is one to a process, so programs run one after the other.
 *
 * What this can't see: what a provider would refuse, what a remote component (awsx) creates inside itself,
 * and resources that a program makes only when a real value, not a token, comes back.
 *
 * @param program declares resources when called; what it returns becomes `outputs`
 * @throws LockstepError failed, with a line of details for every fault of the program: something looked up,
 *   an output that came to undefined, a part of a token, a resource type that no SDK declares
 */
export function recordGraph(program: () => unknown): Promise<Graph> {
  const recording = queue.then(() => record(program));
  queue = recording.catch(() => undefined);
  return recording;
}

async function record(program: () => unknown): Promise<Graph> {
  const monitor = new RecordingMonitor();
  const report = (problem: string) => monitor.problems.push(problem);
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  const unhandled = (error: unknown) => {
    report(messageOf(error));
    broken.reject(error);
  };
  settings.setMockOptions(monitor, 'lockstep', 'recorded', false);
  await (settings as unknown as FeatureSupport).awaitFeatureSupport();
  const restores = [watchOutputs(report), skipStackTraces()];
  process.on('unhandledRejection', unhandled);
  let outputs: Value = null;
  try {
    const returned = { returned: await program() };
    const wire = await Promise.race([rpc.serializeProperties('what the program', returned), broken.promise]);
    outputs = readable(wire.returned ?? null);
  } catch (error) {
    report(messageOf(error));
  } finally {
    await settled(monitor, broken.promise).finally(() => {
      for (const restore of restores) restore();
      process.off('unhandledRejection', unhandled);
    });
  }
  const graph: Graph = { resources: monitor.recorded.toSorted(byLabel), outputs };
  const problems = [...new Set([...monitor.problems, ...findFragments(decodeGraph(graph))])];
  if (problems.length > 0) {
    throw failed('the infrastructure program does not declare a whole graph', {
      details: problems,
      fix: 'Correct what is listed; nothing has been created.',
    });
  }
  return graph;
}

/**
 * Pulumi takes a stack trace of every promise and of every resource, for positions that a recording leaves
 * out: most of the time of a plan. Errors of the program keep their message.
 */
function skipStackTraces(): () => void {
  const { stackTraceLimit } = Error;
  const callsites: unknown = Reflect.get(pulumi.Resource, 'callsites');
  Error.stackTraceLimit = 0;
  Reflect.set(pulumi.Resource, 'callsites', () => []);
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.set(pulumi.Resource, 'callsites', callsites);
  };
}

/** An apply may declare more, so that the queue must be seen empty twice. */
async function settled(monitor: RecordingMonitor, broken: Promise<never>): Promise<void> {
  let seen = -1;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = failed(`the infrastructure program did not settle in ${settleMilliseconds / 1000} s`);
    timer = setTimeout(() => reject(error), settleMilliseconds);
  });
  const gaveUp = broken.catch(() => wait(brokenMilliseconds));
  try {
    while (seen !== monitor.recorded.length) {
      seen = monitor.recorded.length;
      await Promise.race([pulumi.runtime.disconnect(), late, gaveUp]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    clearTimeout(timer);
  }
}

function byLabel(left: { type: string; name: string }, right: { type: string; name: string }): number {
  return labelOf(left) < labelOf(right) ? -1 : 1;
}
