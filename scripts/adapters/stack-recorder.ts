import { declare } from '../../infra/declare.ts';
import type { Graph } from '../domain/graph.ts';
import type { Subject } from '../workflows/stranger.ts';
import { decodeGraph } from './encoded-text.ts';
import { recordGraph } from './graph-recorder.ts';

/** What the cloud program declares for a subject, what is packed in base64 written out. Loading this loads Pulumi's SDKs. */
export async function recordStack({ settings, identity, pins }: Subject): Promise<Graph> {
  return decodeGraph(await recordGraph(() => declare(settings, identity, pins)));
}
