import { createHash } from 'node:crypto';
import { type Graph, labelOf, mapTexts, type Value, type Values } from './graph.ts';
import type { GraphDifference } from './graph-difference.ts';

/**
 * Physical names end in a hash where the whole name is longer than its service takes (`physicalName`). A cut
 * name does not say what it was cut from, so a proof needs the whole names, by their hashes, from a graph
 * where none was cut.
 */
export type WholeNames = ReadonlyMap<string, readonly string[]>;

/** Runs of the characters that physical names consist of; the text around them is kept. */
const runs = /[A-Za-z0-9-]+/g;
const hashAt = /-([0-9a-f]{6})(?=-|$)/g;

/**
 * Every name that a graph holds of one app, by the hash that it would end in if it were cut. A run may go on
 * after the name (`bucketPrefix` ends in a hyphen), so every start of it that ends before a hyphen may be the
 * name.
 */
export function wholeNamesIn(graph: Graph, app: string): WholeNames {
  const names = new Set<string>();
  eachText(graph, (text) => {
    for (const [run] of text.matchAll(runs)) {
      if (!run.startsWith(`${app}-`)) continue;
      for (let end = run.length; end > app.length; end = run.lastIndexOf('-', end - 1))
        names.add(run.slice(0, end));
    }
  });
  return Map.groupBy(names, (name) => createHash('sha256').update(name).digest('hex').slice(0, 6));
}

/**
 * The graph with its cut names written out. A run that its hash does not prove to be a cut name stays as it
 * is.
 */
export function writeOutNames(graph: Graph, whole: WholeNames): Graph {
  const change = (text: string) =>
    text.replaceAll(runs, (run) => {
      const cut = cutIn(run, whole);
      return cut === undefined ? run : cut.whole + run.slice(cut.kept + '-123456'.length);
    });
  return {
    resources: graph.resources.map((resource) => ({
      ...resource,
      inputs: mapTexts(resource.inputs, change) as Values,
      options: mapTexts(resource.options, change) as Values,
    })),
    outputs: mapTexts(graph.outputs, change),
  };
}

/** Where the two graphs cut a name after different characters; the names themselves may differ. */
export function compareCuts(
  [left, leftWhole]: readonly [Graph, WholeNames],
  [right, rightWhole]: readonly [Graph, WholeNames],
): readonly GraphDifference[] {
  const [before, after] = [cutsIn(left, leftWhole), cutsIn(right, rightWhole)];
  const places = new Map([...before, ...after].map(([place, { resource, at }]) => [place, { resource, at }]));
  return [...places].flatMap(([place, { resource, at }]) => {
    const [one, other] = [before.get(place)?.kept, after.get(place)?.kept];
    return one === other
      ? []
      : [{ resource, at: `${at} (characters before the hash)`, left: one, right: other }];
  });
}

type PlaceOfCuts = { resource: string; at: string; kept: string };

function cutsIn(graph: Graph, whole: WholeNames): ReadonlyMap<string, PlaceOfCuts> {
  const found = new Map<string, PlaceOfCuts>();
  eachText(graph, (text, resource, at) => {
    const kept = [...text.matchAll(runs)].flatMap(([run]) => cutIn(run, whole)?.kept ?? []);
    if (kept.length > 0) found.set(`${resource} ${at}`, { resource, at, kept: kept.join(', ') });
  });
  return found;
}

/** `kept`: the characters before the hash. */
function cutIn(run: string, whole: WholeNames): { whole: string; kept: number } | undefined {
  for (const { index, 1: hash = '' } of run.matchAll(hashAt)) {
    const start = run.slice(0, index);
    const name = whole.get(hash)?.find((each) => each.length > start.length && each.startsWith(start));
    if (start !== '' && name !== undefined) return { whole: name, kept: start.length };
  }
  return undefined;
}

function eachText(graph: Graph, look: (text: string, resource: string, at: string) => void): void {
  const walk = (value: Value, resource: string, at: string): void => {
    if (typeof value === 'string') look(value, resource, at);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) walk(child, resource, at === '' ? key : `${at}.${key}`);
  };
  for (const resource of graph.resources) {
    walk(resource.inputs, labelOf(resource), 'inputs');
    walk(resource.options, labelOf(resource), 'options');
  }
  walk(graph.outputs, 'outputs', '');
}
