/** Plain data, as it crosses from a Pulumi program to its engine. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
export type Values = { readonly [key: string]: Value };

/**
 * One resource as the program registers it: raw inputs, and every option that the engine gets. References to
 * other resources are tokens in the inputs ({@link token}) and labels ({@link labelOf}) in the options.
 */
export type GraphResource = {
  type: string;
  name: string;
  /** Label of the parent; null at the root. */
  parent: string | null;
  /** False for components. */
  custom: boolean;
  inputs: Values;
  /** Options that were left at the engine's default are absent. */
  options: Values;
};

/**
 * What a program declares, in the order of labels: no order of registration, no urns, no source positions.
 */
export type Graph = {
  resources: readonly GraphResource[];
  /** What the program returned, its outputs resolved. */
  outputs: Value;
};

/**
 * Names a resource within a graph: Pulumi itself demands that type and name are unique together, under one
 * parent.
 */
export function labelOf({ type, name }: { type: string; name: string }): string {
  return `${name} (${type})`;
}

/**
 * Stands for a value that only AWS will know; `«fleet-template.latestVersion»` survives in every text made of
 * it.
 */
export function token(name: string, attribute: string): string {
  return `«${name}.${attribute}»`;
}

/** Every token in a text. Names and attributes hold no guillemets, so nothing else can look like one. */
export function tokensIn(text: string): readonly string[] {
  return [...text.matchAll(/«[^«»]+»/g)].map(([found]) => found);
}

/** What a token names. Attribute names hold no dot before their first index; resource names may. */
export function partsOf(found: string): { name: string; attribute: string } {
  const inner = found.slice(1, -1);
  const bracket = inner.indexOf('[');
  const end = inner.lastIndexOf('.', bracket === -1 ? undefined : bracket);
  return { name: inner.slice(0, end), attribute: inner.slice(end + 1) };
}

/** Applies `change` to every text of a value, keys of maps included. */
export function mapTexts(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [change(key), mapTexts(child, change)]),
  );
}

/**
 * {@link mapTexts} over a whole graph; types, names and parents stay as they are where `change` keeps them.
 */
export function mapGraph(graph: Graph, change: (text: string) => string): Graph {
  const values = (given: Values) => mapTexts(given, change) as Values;
  return {
    resources: graph.resources.map((resource) => ({
      ...resource,
      name: change(resource.name),
      parent: resource.parent === null ? null : change(resource.parent),
      inputs: values(resource.inputs),
      options: values(resource.options),
    })),
    outputs: mapTexts(graph.outputs, change),
  };
}
