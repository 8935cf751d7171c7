import { declare } from '../../../infra/declare.ts';
import type { Subject } from '../../../infra/stack/stack.ts';
import type { Graph } from '../../domain/plan/graph.ts';
import { decodeGraph } from './encoded-text.ts';
import { recordGraph } from './graph-recorder.ts';

/**
 * What the cloud program declares for a subject, as its provider gets it. Loading this loads Pulumi's SDKs.
 */
export function recordPackedStack({ settings, identity, pins }: Subject): Promise<Graph> {
  return recordGraph(() => declare(settings, identity, pins));
}

/** The same for people and comparisons: what is packed in base64 is written out. */
export async function recordStack(subject: Subject): Promise<Graph> {
  return decodeGraph(await recordPackedStack(subject));
}
