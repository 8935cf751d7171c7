import { type Graph, type GraphResource, labelOf } from './graph.ts';

export type ComponentCount = {
  /** Logical name of the component at the top; a resource without one counts by its own name. */
  component: string;
  /** Resources inside, components not counted. */
  count: number;
  types: Readonly<Record<string, number>>;
};

/** How many resources each component of the first level holds, by type. */
export function countByComponent(graph: Graph): readonly ComponentCount[] {
  const component = componentOf(graph);
  const own = graph.resources.filter(
    ({ custom, type }) => (custom || type.startsWith('awsx:')) && !type.startsWith('pulumi:'),
  );
  const groups = Map.groupBy(own, (resource) => component(resource));
  return [...groups].map(([component, resources]) => ({
    component,
    count: resources.length,
    types: Object.fromEntries(
      [...Map.groupBy(resources, ({ type }) => type)].map(([type, same]) => [type, same.length]),
    ),
  }));
}

/**
 * Logical name of the first-level component that contains a resource, or the resource's own name where none
 * does.
 */
export function componentOf(graph: Graph): (resource: GraphResource) => string {
  const byLabel = new Map(graph.resources.map((resource) => [labelOf(resource), resource]));
  const top = (resource: GraphResource): string => {
    const parent = resource.parent === null ? undefined : byLabel.get(resource.parent);
    return parent === undefined ? resource.name : top(parent);
  };
  return top;
}
