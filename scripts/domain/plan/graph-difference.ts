import { jsonIn } from '../json-text.ts';
import { type Graph, type GraphResource, labelOf, type Value } from './graph.ts';

/** One place where two graphs differ. `null` and "absent" are two things, so absence is `undefined`. */
export type GraphDifference = {
  /** Label of the resource; `outputs` for what the program returns. */
  resource: string;
  /**
   * Empty where the whole resource is on one side only; otherwise such as `inputs.tags.Name` or
   * `options.protect`.
   */
  at: string;
  left: Value | undefined;
  right: Value | undefined;
};

/**
 * Every difference of two graphs. JSON texts are compared by what they say, multi-line texts line by line;
 * where only their layout differs, that is a difference too.
 */
export function compareGraphs(left: Graph, right: Graph): readonly GraphDifference[] {
  const [before, after] = [byKey(left), byKey(right)];
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const resources = keys.flatMap((key) => compareResources(key, before.get(key), after.get(key)));
  const outputs = compareValues('', left.outputs, right.outputs);
  return [...resources, ...outputs.map((found): GraphDifference => ({ resource: 'outputs', ...found }))];
}

/** A resource's place in the tree: parents are part of its identity. */
function byKey(graph: Graph): ReadonlyMap<string, GraphResource> {
  const found = new Map<string, GraphResource>();
  for (const resource of graph.resources) {
    const label = labelOf(resource);
    found.set(found.has(label) ? `${label} in ${resource.parent}` : label, resource);
  }
  return found;
}

function compareResources(
  resource: string,
  left: GraphResource | undefined,
  right: GraphResource | undefined,
): readonly GraphDifference[] {
  if (left === undefined || right === undefined) {
    return [{ resource, at: '', left: left?.inputs, right: right?.inputs }];
  }
  const found = [
    ...compareValues('parent', left.parent, right.parent),
    ...compareValues('custom', left.custom, right.custom),
    ...compareValues('inputs', left.inputs, right.inputs),
    ...compareValues('options', left.options, right.options),
  ];
  return found.map((difference) => ({ resource, ...difference }));
}

type Found = Omit<GraphDifference, 'resource'>;

function compareValues(at: string, left: Value | undefined, right: Value | undefined): readonly Found[] {
  if (Object.is(left, right)) return [];
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(at, left, right);
  const [before, after] = [membersOf(left), membersOf(right)];
  if (before === undefined || after === undefined || Array.isArray(left) !== Array.isArray(right)) {
    return [{ at, left, right }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => compareValues(at === '' ? key : `${at}.${key}`, before[key], after[key]));
}

function membersOf(value: Value | undefined): Readonly<Record<string, Value>> | undefined {
  return typeof value === 'object' && value !== null ? { ...(value as Record<string, Value>) } : undefined;
}

function compareTexts(at: string, left: string, right: string): readonly Found[] {
  const [before, after] = [parsed(left), parsed(right)];
  if (before !== undefined && after !== undefined) {
    const found = compareValues(`${at} (JSON)`, before, after);
    return found.length > 0 ? found : [{ at, left, right }];
  }
  if (!left.includes('\n') && !right.includes('\n')) return [{ at, left, right }];
  return compareLines(at, left.split('\n'), right.split('\n')) ?? [{ at, left, right }];
}

function parsed(text: string): Value | undefined {
  return /^\s*[[{]/.test(text) ? jsonIn(text) : undefined;
}

/** Lines that one side has more often than the other; undefined where only their order differs. */
function compareLines(
  at: string,
  left: readonly string[],
  right: readonly string[],
): readonly Found[] | undefined {
  if (left.length === right.length) {
    const pairs = left.map((line, index) => [line, right[index] ?? ''] as const);
    const changed = pairs.flatMap(([one, other], index) =>
      one === other ? [] : [{ at: `${at} line ${index + 1}`, left: one, right: other }],
    );
    return changed;
  }
  const removed = without(left, right).map((line) => ({ at: `${at} line`, left: line, right: undefined }));
  const added = without(right, left).map((line) => ({ at: `${at} line`, left: undefined, right: line }));
  return removed.length + added.length === 0 ? undefined : [...removed, ...added];
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

/** One line for people. */
export function describeDifference({ resource, at, left, right }: GraphDifference): string {
  if (at === '') return `${resource}: ${left === undefined ? 'added' : 'removed'} by this difference`;
  return `${resource}: ${at} ${excerpt(left)} -> ${excerpt(right)}`;
}

function excerpt(value: Value | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
