import { overlap, parseRange, type Range } from '../network/ranges/ipv4.ts';
import { type Finding, valueAt } from './problems/problem.ts';

/** An environment's raw values, valid or not: relations are judged as far as they can be read. */
export type EnvironmentValues = { name: string; values: unknown };

export type EnvironmentFinding = Finding & { environment: string };

/** What is wrong between environments: upstreams that don't exist or form a cycle, identities that clash. */
export function findClashes(environments: readonly EnvironmentValues[]): EnvironmentFinding[] {
  return [
    ...environments.flatMap((environment) => findWrongUpstream(environment, environments)),
    ...environments.flatMap((environment) => findSameIdentity(environment, environments)),
  ];
}

function findWrongUpstream(
  { name, values }: EnvironmentValues,
  environments: readonly EnvironmentValues[],
): EnvironmentFinding[] {
  const upstream = valueAt(values, ['upstream']);
  if (typeof upstream !== 'string') return [];
  const known = environments.map((other) => other.name).filter((other) => other !== name);
  const at: Pick<EnvironmentFinding, 'environment' | 'path'> = { environment: name, path: ['upstream'] };
  if (upstream !== name && !known.includes(upstream)) {
    const fix = `add Pulumi.${upstream}.yaml, or name one that exists`;
    const allowed = known.join(', ') || 'no upstream, since there is no other environment';
    return [{ ...at, message: 'no such environment', allowed, fix, unknownName: { word: upstream, known } }];
  }
  const cycle = cycleFrom(name, environments);
  if (cycle === undefined) return [];
  const message = `upstreams form a cycle (${cycle.join(' <- ')}), so no environment comes first`;
  const allowed = 'an environment that does not depend on this one';
  return [{ ...at, message, allowed, fix: 'remove upstream from the environment that takes releases first' }];
}

/** The chain of upstreams that leads from an environment back to itself. */
function cycleFrom(start: string, environments: readonly EnvironmentValues[]): string[] | undefined {
  const chain = [start];
  for (;;) {
    const here = environments.find(({ name }) => name === chain.at(-1));
    const next = valueAt(here?.values, ['upstream']);
    if (typeof next !== 'string') return undefined;
    chain.push(next);
    if (next === start) return chain;
    if (chain.indexOf(next) < chain.length - 1) return undefined;
  }
}

/**
 * Two environments never answer under one name, and their networks never overlap: also in different accounts,
 * since peered networks with one range can't reach each other, and a range can't be changed later without
 * replacing all in it.
 */
function findSameIdentity(
  { name, values }: EnvironmentValues,
  others: readonly EnvironmentValues[],
): EnvironmentFinding[] {
  const domain = valueAt(values, ['identity', 'domain']);
  const range = rangeOf(valueAt(values, ['identity', 'cidr']));
  return others.flatMap((other) => {
    if (other.name === name) return [];
    const findings: EnvironmentFinding[] = [];
    if (typeof domain === 'string' && domain === valueAt(other.values, ['identity', 'domain'])) {
      const at: Pick<EnvironmentFinding, 'environment' | 'path'> = {
        environment: name,
        path: ['identity', 'domain'],
      };
      const allowed = 'a domain that no other environment has';
      findings.push({ ...at, message: `the domain of ${other.name}`, allowed, fix: 'write its own domain' });
    }
    const otherRange = rangeOf(valueAt(other.values, ['identity', 'cidr']));
    if (range && otherRange && overlap(range, otherRange)) {
      const at: Pick<EnvironmentFinding, 'environment' | 'path'> = {
        environment: name,
        path: ['identity', 'cidr'],
      };
      const message = `overlaps the network of ${other.name}`;
      findings.push({
        ...at,
        message,
        allowed: 'a range of its own',
        fix: 'choose one that overlaps no other',
      });
    }
    return findings;
  });
}

function rangeOf(cidr: unknown): Range | undefined {
  return typeof cidr === 'string' ? parseRange(cidr) : undefined;
}
