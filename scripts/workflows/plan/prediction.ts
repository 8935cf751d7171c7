import type { Subject } from '../../../infra/stack/stack.ts';
import { compareCuts, wholeNamesIn, writeOutNames } from '../../domain/plan/cut-names.ts';
import type { Graph } from '../../domain/plan/graph.ts';
import { compareGraphs, type GraphDifference } from '../../domain/plan/graph-difference.ts';
import { withPlaceholderIdentity } from './placeholder.ts';

/**
 * Where the program declares something other than its placeholder predicts. Physical names that AWS's limits
 * cut are compared in two steps: written out (the hash at their end proves of what), they are what the short
 * placeholder predicts; and they are cut where a placeholder of the same length is cut, so that a limit that
 * depends on the environment's identity would be seen too.
 */
export async function compareWithPrediction(
  subject: Subject,
  record: (subject: Subject) => Promise<Graph>,
): Promise<readonly GraphDifference[]> {
  const { subject: placed, predict, asLong } = withPlaceholderIdentity(subject, 'first');
  const short = await record(placed);
  const predicted = predict(short);
  const graph = await record(subject);
  const names = wholeNamesIn(predicted, subject.settings.app.name);
  const found = compareGraphs(predicted, writeOutNames(graph, names));
  if (found.length > 0) return found;
  const longNames = wholeNamesIn(asLong.predict(short), asLong.subject.settings.app.name);
  return compareCuts([await record(asLong.subject), longNames], [graph, names]);
}
