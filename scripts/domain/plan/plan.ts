import type { GraphDifference } from './graph-difference.ts';

/** A listed difference of one environment, and what it does to the graph. */
export type ListedEffect = {
  path: string;
  value: unknown;
  base: unknown;
  reason: string;
  until: string | null;
  /** What it changes when applied alone or, where that can't be declared, what disappears without it. */
  changes: readonly GraphDifference[];
  /** It affects the pipeline, not the cloud. */
  pipeline: boolean;
};

/** Keys of the base that the pipeline reads; the cloud need not show them. */
export function isPipelinePath(path: string): boolean {
  return path.startsWith('rollout.') || path.startsWith('pipeline.');
}

/** Differences of `all` that none of `explained` accounts for: same place, whatever the values there are. */
export function unexplained(
  all: readonly GraphDifference[],
  explained: readonly GraphDifference[],
): readonly GraphDifference[] {
  const places = new Set(explained.map(placeOf));
  return all.filter((difference) => !places.has(placeOf(difference)));
}

/**
 * Line numbers of texts move, so a line is known by what it says. A resource that came or went explains
 * whatever differs inside it.
 */
function placeOf({ resource, at, left, right }: GraphDifference): string {
  const line = at.replace(/ line( \d+)?$/, ' line');
  return line === at ? `${resource} ${at}` : `${resource} ${line} ${String(left ?? right)}`;
}

/** What a proof refuses, with the evidence. */
export type Refusal = { environment: string; message: string; details: readonly string[]; fix: string };
