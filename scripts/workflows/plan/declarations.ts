import type { Settings } from '../../../infra/settings/config.ts';
import type { Pins } from '../../../infra/settings/schema/pins.ts';
import {
  identityOf,
  type SharedSettings,
  type StackIdentity,
  type Subject,
} from '../../../infra/stack/stack.ts';
import type { Graph } from '../../domain/plan/graph.ts';
import { withPlaceholderIdentity } from './placeholder.ts';

/**
 * Records what the program declares, with base64 text decoded.
 * @throws what the program throws
 */
export type Recorder = (subject: Subject) => Promise<Graph>;

/** What the program declares for an environment, and for every kind of placeholder that a proof needs. */
export class Declarations {
  /** An identity with every value that any environment's identity has. */
  readonly canonical: StackIdentity;
  readonly record: Recorder;
  readonly #pins: Pins;

  constructor(all: readonly Settings[], { record, pins }: { record: Recorder; pins: Pins }) {
    this.canonical = canonicalIdentity(all.map(identityOf));
    this.record = remembering(record);
    this.#pins = pins;
  }

  subject(settings: SharedSettings, identity: StackIdentity): Subject {
    return { settings, identity, pins: this.#pins };
  }

  /** What a placeholder of the canonical identity, or of another one, declares with these settings. */
  ofPlaceholder(settings: SharedSettings, identity = this.canonical): Promise<Graph> {
    return this.record(withPlaceholderIdentity(this.subject(settings, identity), 'first').subject);
  }
}

/** The paths of the environment's listed differences. */
export const pathsOf = ({ differences }: Settings) => differences.map(({ path }) => path);

/** What the program may see of the settings, with only these of the environment's differences applied. */
export function withOnly(settings: Settings, paths: readonly string[]): SharedSettings {
  const { environment, identity, upstream, soakMinutes, env, differences, warnings, local, ...shared } =
    structuredClone(settings);
  for (const { path, base } of differences.toReversed()) {
    const keys = path.split('.');
    const parent = keys.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), shared);
    if (!paths.includes(path)) Reflect.set(Object(parent), keys.at(-1) ?? '', base);
  }
  return shared;
}

/** The first identity, completed with the values that only other environments have. */
function canonicalIdentity(identities: readonly StackIdentity[]): StackIdentity {
  const [first, ...others] = identities;
  if (first === undefined) throw new TypeError('a plan needs at least one environment');
  const sum = { ...first, env: { ...first.env } };
  for (const other of others) {
    const given = Object.entries(other).filter(([key]) => sum[key as keyof StackIdentity] === null);
    Object.assign(sum, Object.fromEntries(given));
    sum.env = { ...other.env, ...sum.env };
  }
  return sum;
}

/** Records each subject once: most of a plan asks for the same few. */
function remembering(record: Recorder): Recorder {
  const known = new Map<string, Promise<Graph>>();
  return (subject) => {
    const key = JSON.stringify(subject);
    const found = known.get(key) ?? record(subject);
    known.set(key, found);
    return found;
  };
}
