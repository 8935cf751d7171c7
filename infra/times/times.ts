import type { Finding } from '../settings/problems/problem.ts';
import type { SharedSettings } from '../stack/stack.ts';
import { deriveTimes, type Times } from './derived-times.ts';
import { findingOf, holds, type Link, sentenceOf, timeLinks } from './time-links.ts';

export type SolvedTimes =
  | { ok: true; times: Times; chain: string[] }
  | { ok: false; problems: Finding[]; chain: string[] };

/**
 * Solves the chain of times, or says which links can't hold and what to write instead.
 *
 * @returns `chain`: a sentence a link, also of those that don't hold; findings have their path in
 *   `lockstep:base`.
 */
export function solveTimes(settings: SharedSettings): SolvedTimes {
  const times = deriveTimes(settings);
  const links: readonly Link[] = timeLinks(settings, times);
  const chain = links.map(sentenceOf);
  const problems = links.filter((link) => !holds(link)).map(findingOf);
  return problems.length === 0 ? { ok: true, times, chain } : { ok: false, problems, chain };
}

/**
 * @throws TypeError where they don't fit together; the cloud's own verbs refuse such settings with their
 *   lines.
 */
export function timesOf(settings: SharedSettings): Times {
  const solved = solveTimes(settings);
  if (solved.ok) return solved.times;
  const reasons = solved.problems.map(({ message }) => message).join('; ');
  throw new TypeError(`the times don't fit together: ${reasons}`);
}
