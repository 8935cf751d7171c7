import { type Graph, tokensIn, type Value } from '../../scripts/domain/plan/graph.ts';
import { componentOf, countByComponent } from '../../scripts/domain/plan/graph-summary.ts';

/**
 * A graph as a Mermaid flowchart: components, and who needs whom. An arrow leads from a component to one
 * whose attributes it is given.
 */
export function drawGraph(graph: Graph): string {
  const counts = countByComponent(graph).toSorted((left, right) =>
    left.component < right.component ? -1 : 1,
  );
  const component = componentOf(graph);
  const owner = new Map(graph.resources.map((resource) => [resource.name, component(resource)]));
  const arrows = new Set<string>();
  for (const resource of graph.resources) {
    const from = component(resource);
    for (const found of textsIn(resource.inputs).flatMap(tokensIn)) {
      const to = owner.get(found.slice(1, found.indexOf('.')));
      if (to !== undefined && to !== from) arrows.add(`  ${from} --> ${to}`);
    }
  }
  return [
    'flowchart LR',
    ...counts.map(({ component: name, count }) => `  ${name}["${name} (${count})"]`),
    ...[...arrows].toSorted(),
  ].join('\n');
}

function textsIn(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
