import { type Graph, labelOf } from './graph.ts';

export type ComponentCount = {
  /** Logical name of the component at the top; a resource without one counts by its own name. */
  component: string;
  /** Resources inside, components not counted. */
  count: number;
  types: Readonly<Record<string, number>>;
};

/** How many resources each component of the first level holds, by type. */
export function countByComponent(graph: Graph): readonly ComponentCount[] {
  const parents = new Map(graph.resources.map((resource) => [labelOf(resource), resource]));
  const top = (label: string): string => {
    const found = parents.get(label);
    return found?.parent == null ? (found?.name ?? label) : top(found.parent);
  };
  const own = graph.resources.filter(
    ({ custom, type }) => (custom || type.startsWith('awsx:')) && !type.startsWith('pulumi:'),
  );
  const groups = Map.groupBy(own, (resource) => top(labelOf(resource)));
  return [...groups].map(([component, resources]) => ({
    component,
    count: resources.length,
    types: Object.fromEntries(
      [...Map.groupBy(resources, ({ type }) => type)].map(([type, same]) => [type, same.length]),
    ),
  }));
}
