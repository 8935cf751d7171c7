import type { Settings } from '../../../infra/settings/config.ts';
import type { Pins } from '../../../infra/settings/schema/pins.ts';
import {
  identityOf,
  type SharedSettings,
  type StackIdentity,
  type Subject,
} from '../../../infra/stack/stack.ts';
import type { Graph } from '../../domain/plan/graph.ts';
import {
  compareGraphs,
  describeDifference,
  type GraphDifference,
} from '../../domain/plan/graph-difference.ts';
import { isPipelinePath, type ListedEffect, type Refusal, unexplained } from '../../domain/plan/plan.ts';
import { withPlaceholderIdentity } from './placeholder.ts';
import { compareWithPrediction } from './prediction.ts';

/** What a plan needs of the world. */
export type PlanPorts = {
  /** Records what the program declares, what is packed in base64 written out. @throws what the program throws */
  record: (subject: Subject) => Promise<Graph>;
  pins: Pins;
};

export type StackPlan = {
  environment: string;
  region: string;
  /** As `pulumi up` would declare it. */
  graph: Graph;
  listed: readonly ListedEffect[];
  /** What follows from facts of the identity that differ in kind, such as having no upstream. */
  byIdentity: readonly GraphDifference[];
};

export type Plan = { stacks: readonly StackPlan[]; refusals: readonly Refusal[] };

/**
 * Declares every environment and proves that they differ only where their settings list it.
 *
 * The program is run for *placeholders*: identities whose every value is unique and means nothing. (a) Two placeholders
 * with the same settings declare the same graph; and the graph of each environment is what its placeholder's predicts,
 * letter by letter, so that no branch on a real name, account, region, range or domain goes unseen. (b) Between
 * placeholders the settings alone differ, and every change of the graph belongs to a listed difference. (c) A listed
 * difference that changes neither graph nor pipeline is refused.
 *
 * Not seen: branches on what is the same in every recording (clock, process environment, files), on values that only AWS
 * knows, on names that no environment of the project bears, and what scripts on hosts decide when they run.
 */
export async function planStacks(all: readonly Settings[], ports: PlanPorts): Promise<Plan> {
  const record = remembering(ports.record);
  const refusals: Refusal[] = [];
  const canonical = canonicalIdentity(all.map(identityOf));
  const subjectOf = (settings: SharedSettings, identity: StackIdentity): Subject => ({
    settings,
    identity,
    pins: ports.pins,
  });
  const declared = (settings: SharedSettings) =>
    record(withPlaceholderIdentity(subjectOf(settings, canonical), 'first').subject);
  const stacks: StackPlan[] = [];
  for (const [index, settings] of all.entries()) {
    const { environment } = settings;
    const whole = withOnly(settings, pathsOf(settings));
    const base = withOnly(settings, []);
    const refuse = (message: string, found: readonly GraphDifference[], fix: string) => {
      if (found.length > 0)
        refusals.push({ environment, message, details: found.map(describeDifference), fix });
    };
    if (index === 0) refuse(...(await placeholdersAgree(subjectOf(base, canonical), record)));

    const identity = identityOf(settings);
    const graph = await record(subjectOf(whole, identity));
    refuse(
      `the program branches on ${environment}'s identity: its resources differ from what its settings imply`,
      await compareWithPrediction(subjectOf(whole, identity), record),
      'Let components branch on settings, never on identity; list what has to differ under lockstep:differences.',
    );
    const own = await record(withPlaceholderIdentity(subjectOf(whole, identity), 'first').subject);
    const byIdentity = compareGraphs(await declared(whole), own);
    const kind = { ...canonical, cidr: identity.cidr, upstream: identity.upstream && canonical.upstream };
    const allowed = await record(withPlaceholderIdentity(subjectOf(whole, kind), 'first').subject);
    refuse(
      `the program asks which values lockstep:identity and lockstep:env of ${environment} hold: ${otherKinds(identity, canonical).join(', ')}`,
      unexplained(byIdentity, compareGraphs(await declared(whole), allowed)),
      'Give every environment these values, or none.',
    );
    const listed = await effectsOf(settings, declared, refusals);
    const changes = compareGraphs(await declared(base), await declared(whole));
    refuse(
      'changes belong to no listed difference',
      unexplained(
        changes,
        listed.flatMap((effect) => effect.changes),
      ),
      'The program has to declare the same for the same settings each time that it runs.',
    );
    stacks.push({ environment, region: settings.identity.region, graph, listed, byIdentity });
  }
  return { stacks, refusals };
}

async function placeholdersAgree(
  subject: Subject,
  record: PlanPorts['record'],
): Promise<[string, readonly GraphDifference[], string]> {
  const [one, other] = [
    withPlaceholderIdentity(subject, 'first'),
    withPlaceholderIdentity(subject, 'second'),
  ];
  const found = compareGraphs(
    one.predict(await record(one.subject)),
    other.predict(await record(other.subject)),
  );
  const fix = 'Let components pass identity on, and never look at it; names of resources hold none of it.';
  return ['two environments with the same settings would not be the same program', found, fix];
}

/** What each listed difference does: applied alone to the base, or, where that can't stand, taken from the whole. */
async function effectsOf(
  settings: Settings,
  declared: (settings: SharedSettings) => Promise<Graph>,
  refusals: Refusal[],
): Promise<readonly ListedEffect[]> {
  const paths = pathsOf(settings);
  const only = (applied: readonly string[]) => withOnly(settings, applied);
  const base = await declared(only([]));
  const whole = await declared(only(paths));
  const effects: ListedEffect[] = [];
  for (const { path, value, base: was, reason, until } of settings.differences) {
    const alone = await attempt(async () => compareGraphs(base, await declared(only([path]))));
    const without = async () =>
      compareGraphs(await declared(only(paths.filter((other) => other !== path))), whole);
    const inCompany = alone?.length ? [] : ((await attempt(without)) ?? []);
    const changes = [...(alone ?? []), ...inCompany];
    const pipeline = isPipelinePath(path);
    effects.push({ path, value, base: was, reason, until, changes, pipeline });
    if (changes.length > 0 || pipeline) continue;
    refusals.push({
      environment: settings.environment,
      message: `the listed difference ${path} changes nothing, neither in the cloud nor in the pipeline`,
      details: [`value ${JSON.stringify(value)} instead of ${JSON.stringify(was)}: ${reason}`],
      fix: `Remove it from Pulumi.${settings.environment}.yaml.`,
    });
  }
  return leftovers(effects, compareGraphs(base, whole));
}

/** What only several differences together bring about belongs to each of them. */
function leftovers(
  effects: readonly ListedEffect[],
  all: readonly GraphDifference[],
): readonly ListedEffect[] {
  const rest = unexplained(
    all,
    effects.flatMap(({ changes }) => changes),
  );
  const several = effects.filter(({ pipeline }) => !pipeline);
  if (rest.length === 0 || several.length < 2) return effects;
  return effects.map((effect) =>
    effect.pipeline ? effect : { ...effect, changes: [...effect.changes, ...rest] },
  );
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    // Alone, a difference may break a rule that it keeps in company; its share is found the other way round.
    return undefined;
  }
}

const pathsOf = ({ differences }: Settings) => differences.map(({ path }) => path);

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

/** The first identity, with whatever any of the others gives as well. */
function canonicalIdentity(identities: readonly StackIdentity[]): StackIdentity {
  const [first, ...others] = identities;
  if (first === undefined) throw new TypeError('a plan of no environment');
  const sum = { ...first, env: { ...first.env } };
  for (const other of others) {
    const given = Object.entries(other).filter(([key]) => sum[key as keyof StackIdentity] === null);
    Object.assign(sum, Object.fromEntries(given));
    sum.env = { ...other.env, ...sum.env };
  }
  return sum;
}

function otherKinds(identity: StackIdentity, canonical: StackIdentity): readonly string[] {
  const keys = Object.keys(canonical) as (keyof StackIdentity)[];
  const missing = keys.filter(
    (key) => identity[key] === null && canonical[key] !== null && key !== 'upstream',
  );
  const env = Object.keys(canonical.env).filter((name) => !Object.hasOwn(identity.env, name));
  return [
    ...missing.map((key) => `identity.${key} is absent`),
    ...env.map((name) => `env.${name} is absent`),
  ];
}

/** Recordings of one subject are one recording: most of a plan asks for the same few. */
function remembering(record: PlanPorts['record']): PlanPorts['record'] {
  const known = new Map<string, Promise<Graph>>();
  return (subject) => {
    const key = JSON.stringify(subject);
    const found = known.get(key) ?? record(subject);
    known.set(key, found);
    return found;
  };
}
