import type { Settings } from '../../../infra/settings/config.ts';
import { identityOf, type StackIdentity } from '../../../infra/stack/stack.ts';
import {
  compareGraphs,
  describeDifference,
  type GraphDifference,
} from '../../domain/plan/graph-difference.ts';
import { type ListedEffect, type Refusal, unexplained } from '../../domain/plan/plan.ts';
import { type Declarations, pathsOf, withOnly } from './declarations.ts';
import { withPlaceholderIdentity } from './placeholder.ts';
import { compareWithPrediction } from './prediction.ts';

/** Each proof returns its refusals: none where it holds. */
type Proof = Promise<readonly Refusal[]>;

/** Two placeholders with the settings of the base declare the same. */
export async function proveSameProgram(settings: Settings, declarations: Declarations): Proof {
  const subject = declarations.subject(withOnly(settings, []), declarations.canonical);
  const one = withPlaceholderIdentity(subject, 'first');
  const other = withPlaceholderIdentity(subject, 'second');
  return refusal(settings, {
    message: 'two environments with the same settings would not be the same program',
    found: compareGraphs(
      one.predict(await declarations.record(one.subject)),
      other.predict(await declarations.record(other.subject)),
    ),
    fix: 'Components must pass identity on without inspecting it, and names of resources must not contain it.',
  });
}

/** The environment declares what its placeholder predicts, letter by letter. */
export async function proveBlindToIdentity(settings: Settings, declarations: Declarations): Proof {
  const subject = declarations.subject(withOnly(settings, pathsOf(settings)), identityOf(settings));
  return refusal(settings, {
    message: `the program branches on ${settings.environment}'s identity: its resources differ from what its settings imply`,
    found: await compareWithPrediction(subject, declarations.record),
    fix: 'Let components branch on settings, never on identity; list what has to differ under lockstep:differences.',
  });
}

/**
 * Where the environment's graph differs from that of a placeholder with every value, the difference follows
 * from having no upstream or a range of another size, and from nothing else in its identity.
 */
export async function proveSameKind(
  settings: Settings,
  declarations: Declarations,
  byIdentity: readonly GraphDifference[],
): Proof {
  const whole = withOnly(settings, pathsOf(settings));
  const { canonical } = declarations;
  const identity = identityOf(settings);
  const kind: StackIdentity = {
    ...canonical,
    cidr: identity.cidr,
    upstream: identity.upstream && canonical.upstream,
  };
  const allowed = await declarations.ofPlaceholder(whole, kind);
  const absent = absentIn(identity, canonical).join(', ');
  return refusal(settings, {
    message: `the program depends on which values lockstep:identity and lockstep:env of ${settings.environment} hold: ${absent}`,
    found: unexplained(byIdentity, compareGraphs(await declarations.ofPlaceholder(whole), allowed)),
    fix: 'Give every environment these values, or none.',
  });
}

/** Every change between the base and the environment's settings belongs to a listed difference. */
export async function proveListed(
  settings: Settings,
  declarations: Declarations,
  listed: readonly ListedEffect[],
): Proof {
  const changes = compareGraphs(
    await declarations.ofPlaceholder(withOnly(settings, [])),
    await declarations.ofPlaceholder(withOnly(settings, pathsOf(settings))),
  );
  const explained = listed.flatMap((effect) => effect.changes);
  return refusal(settings, {
    message: 'some changes belong to no listed difference',
    found: unexplained(changes, explained),
    fix: 'The program must declare the same resources each time it runs with the same settings.',
  });
}

/** Every listed difference changes something, in the cloud or in the pipeline. */
export function proveEffective(settings: Settings, listed: readonly ListedEffect[]): readonly Refusal[] {
  return listed
    .filter(({ changes, pipeline }) => changes.length === 0 && !pipeline)
    .map(({ path, value, base, reason }) => ({
      environment: settings.environment,
      message: `the listed difference ${path} changes nothing, neither in the cloud nor in the pipeline`,
      details: [`value ${JSON.stringify(value)} instead of ${JSON.stringify(base)}: ${reason}`],
      fix: `Remove it from Pulumi.${settings.environment}.yaml.`,
    }));
}

function refusal(
  { environment }: Settings,
  { message, found, fix }: { message: string; found: readonly GraphDifference[]; fix: string },
): readonly Refusal[] {
  return found.length === 0 ? [] : [{ environment, message, details: found.map(describeDifference), fix }];
}

function absentIn(identity: StackIdentity, canonical: StackIdentity): readonly string[] {
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
