import { decodeText } from '../../../infra/policies/rule/encoded-text.ts';
import { type Graph, mapGraph } from '../../domain/plan/graph.ts';

/**
 * The graph with what is packed in base64 or gzip written out, so that what hosts run can be compared and
 * read.
 */
export function decodeGraph(graph: Graph): Graph {
  return mapGraph(graph, (text) => decodeText(text));
}
