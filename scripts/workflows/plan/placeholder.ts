import { createHash } from 'node:crypto';
import { formatAddress, parseAddress, parseRange } from '../../../infra/network/ranges/ipv4.ts';
import type { StackIdentity, Subject } from '../../../infra/stack/stack.ts';
import { type Graph, mapTexts, type Value, type Values } from '../../domain/plan/graph.ts';

/** A subject whose every identifying value is unique and meaningless, and the way back to the original. */
export type Placeholder = {
  subject: Subject;
  /**
   * Predicts the original's graph from the placeholder's. Names of resources stay: they carry no identity.
   * Physical names come out whole, since no placeholder is so long that they are cut.
   */
  predict: (graph: Graph) => Graph;
  /**
   * The same under names of the original's length: there the same physical names are cut, after the same
   * character.
   */
  asLong: {
    subject: Subject;
    /** From the graph with the short names; physical names come out whole here too. */
    predict: (graph: Graph) => Graph;
  };
};

/**
 * Letters that no word, hash or id holds; short, so that no physical name is cut and each can be found in
 * every text. Two marks, so that two placeholders differ from each other in everything.
 */
const marks = {
  first: {
    app: 'qzj',
    environment: 'qjz',
    upstream: 'qxj',
    text: 'qqjx',
    account: '271828182845',
    region: 'qx-north-7',
    net: '10.201.0.0',
    hex: 'b',
  },
  second: {
    app: 'zxq',
    environment: 'zqx',
    upstream: 'zjq',
    text: 'zzxj',
    account: '314159265358',
    region: 'zx-south-8',
    net: '172.29.0.0',
    hex: 'c',
  },
} as const;
export type Mark = keyof typeof marks;

/**
 * What is null stays null, lists keep their length, numbers stay: those are facts about settings, not about
 * identity.
 */
export function withPlaceholderIdentity(subject: Subject, mark: Mark): Placeholder {
  const m = marks[mark];
  const { settings, identity, pins } = subject;
  const region = pins.regions[identity.region];
  const known: Record<string, string> = {
    environment: m.environment,
    account: m.account,
    region: m.region,
    cidr: `${m.net}/${identity.cidr.split('/')[1]}`,
    upstream: m.upstream,
    domain: `${m.text}.${m.text}-domain.test`,
    alarmAddress: `${m.text}@${m.text}-mail.test`,
    certificate: `arn:aws:acm:${m.region}:${m.account}:certificate/${m.text}`,
    webAcl: `arn:aws:wafv2:${m.region}:${m.account}:regional/webacl/${m.text}/${m.text}`,
    hostedZone: `Z${m.text.toUpperCase()}`,
  };
  const pairs: [string, string][] = [[m.app, settings.app.name]];
  const replace = (path: string, value: Value): Value => {
    if (typeof value === 'string') {
      const made = known[path] ?? madeFor(path, value, m);
      pairs.push([made, value]);
      return made;
    }
    if (Array.isArray(value)) return value.map((item, index) => replace(`${path}.${index}`, item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value as Values).map(([key, child]) => [
        key,
        replace(path === '' ? key : `${path}.${key}`, child),
      ]),
    );
  };
  const placeholder = replace('', identity as unknown as Values) as unknown as StackIdentity;
  const zones = (region?.zones ?? []).map((zone, index) => {
    const made = `${m.region}${'abcdefgh'[index] ?? index}`;
    pairs.push([made, zone]);
    return made;
  });
  const images = replace('images', region?.images ?? {}) as NonNullable<typeof region>['images'];
  const regions = region === undefined ? {} : { [m.region]: { ...region, zones, images } };
  const placed: Subject = {
    settings: { ...settings, app: { ...settings.app, name: m.app } },
    identity: placeholder,
    pins: { ...pins, regions },
  };
  const { environment, upstream } = identity;
  const cidr = known.cidr ?? '';
  const names: [string, string][] = [
    [m.app, shifted(settings.app.name)],
    [m.environment, shifted(environment)],
    [m.upstream, shifted(upstream ?? '')],
  ];
  return {
    subject: placed,
    predict: predicting(pairs, cidr, identity.cidr),
    asLong: { subject: underNames(placed, new Map(names)), predict: predicting(names, cidr, cidr) },
  };
}

function underNames({ settings, identity, pins }: Subject, names: ReadonlyMap<string, string>): Subject {
  const named = (name: string) => names.get(name) ?? name;
  const { environment, upstream } = identity;
  return {
    settings: { ...settings, app: { ...settings.app, name: named(settings.app.name) } },
    identity: { ...identity, environment: named(environment), upstream: upstream && named(upstream) },
    pins,
  };
}

/**
 * Another name of the same length, with hyphens in the same places. No letter stays, so that a branch on the
 * name is seen.
 */
function shifted(name: string): string {
  return name.replaceAll(/[a-z0-9]/g, (sign) => successors[successors.indexOf(sign) + 1] ?? sign);
}

/** Each letter and digit is followed by the one that stands for it. */
const successors = 'abcdefghijklmnopqrstuvwxyza01234567890';

/** The same for the same place, whatever else an identity holds; ids keep the look of ids. */
function madeFor(path: string, value: string, { text, hex }: (typeof marks)[Mark]): string {
  const prefix = /^(vpc|subnet|sg|fs|ami)-/.exec(value)?.[0];
  if (prefix === undefined) return `${text}-${path.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return `${prefix}${hex}${createHash('sha256').update(path).digest('hex').slice(0, 15)}`;
}

function predicting(pairs: readonly [string, string][], cidr: string, real: string): (graph: Graph) => Graph {
  const names = new Map(pairs);
  const longestFirst = [...names.keys()].toSorted((left, right) => right.length - left.length);
  const pattern = new RegExp(
    longestFirst.map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
    'g',
  );
  const change = (text: string) =>
    moveAddresses(text, cidr, real).replaceAll(pattern, (found) => names.get(found) ?? found);
  return (graph) => ({
    resources: graph.resources.map((resource) => ({
      ...resource,
      inputs: mapTexts(resource.inputs, change) as Values,
      options: mapTexts(resource.options, change) as Values,
    })),
    outputs: mapTexts(graph.outputs, change),
  });
}

/** Addresses inside one range, at the same offset in another. */
function moveAddresses(text: string, from: string, to: string): string {
  const [source, target] = [parseRange(from), parseRange(to)];
  if (source === undefined || target === undefined) throw new TypeError(`no ranges: ${from}, ${to}`);
  return text.replaceAll(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g, (found) => {
    const address = parseAddress(found) ?? -1;
    const inside = address >= source.first && address <= source.last;
    return inside ? formatAddress(target.first + address - source.first) : found;
  });
}
