import { type Graph, type GraphResource, labelOf } from '../../scripts/domain/plan/graph.ts';
import { componentOf, countByComponent } from '../../scripts/domain/plan/graph-summary.ts';

/**
 * A graph as a Mermaid flowchart: components, and who needs whom. An arrow leads from a component to one
 * whose attributes it is given, also where their values are known beforehand.
 */
export function drawGraph(graph: Graph): string {
  const counts = countByComponent(graph).toSorted((left, right) =>
    left.component < right.component ? -1 : 1,
  );
  const component = componentOf(graph);
  const owner = new Map(graph.resources.map((resource) => [labelOf(resource), component(resource)]));
  const arrows = new Set<string>();
  for (const resource of graph.resources) {
    const from = component(resource);
    for (const label of referencesOf(resource)) {
      const to = owner.get(label);
      if (to !== undefined && to !== from) arrows.add(`  ${from} --> ${to}`);
    }
  }
  return [
    'flowchart LR',
    ...counts.map(({ component: name, count }) => `  ${name}["${name} (${count})"]`),
    ...[...arrows].toSorted(),
  ].join('\n');
}

/** Labels of the resources that any input takes a value from. */
function referencesOf({ options }: GraphResource): readonly string[] {
  const labels: readonly unknown[] = Object.values(options.propertyDependencies ?? {}).flat();
  return labels.filter((label) => typeof label === 'string');
}
