import type { Settings } from '../../../infra/settings/config.ts';
import type { Pins } from '../../../infra/settings/schema/pins.ts';
import { identityOf } from '../../../infra/stack/stack.ts';
import type { Graph } from '../../domain/plan/graph.ts';
import { compareGraphs, type GraphDifference } from '../../domain/plan/graph-difference.ts';
import type { ListedEffect, Refusal } from '../../domain/plan/plan.ts';
import { Declarations, pathsOf, type Recorder, withOnly } from './declarations.ts';
import { listedEffects } from './listed-effects.ts';
import {
  proveBlindToIdentity,
  proveEffective,
  proveListed,
  proveSameKind,
  proveSameProgram,
} from './proofs.ts';

/** What a plan needs from outside. */
export type PlanPorts = { record: Recorder; pins: Pins };

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
 * The program is run for *placeholders*: identities whose every value is unique and meaningless. (a) Two
 * placeholders with the same settings declare the same graph; and the graph of each environment is what its
 * placeholder's predicts, letter by letter, so that no branch on a real name, account, region, range or
 * domain goes unseen. (b) Between placeholders the settings alone differ, and every change of the graph
 * belongs to a listed difference. (c) A listed difference that changes neither graph nor pipeline is refused.
 *
 * Not seen: branches on what is the same in every recording (clock, process environment, files), on values
 * that only AWS knows, on names that no environment of the project has, and what scripts on hosts decide when
 * they run.
 */
export async function planStacks(all: readonly Settings[], ports: PlanPorts): Promise<Plan> {
  const declarations = new Declarations(all, ports);
  const [first] = all;
  if (first === undefined) throw new TypeError('a plan needs at least one environment');
  const refusals = [...(await proveSameProgram(first, declarations))];
  const stacks: StackPlan[] = [];
  for (const settings of all) {
    const stack = await planStack(settings, declarations);
    refusals.push(
      ...(await proveBlindToIdentity(settings, declarations)),
      ...(await proveSameKind(settings, declarations, stack.byIdentity)),
      ...proveEffective(settings, stack.listed),
      ...(await proveListed(settings, declarations, stack.listed)),
    );
    stacks.push(stack);
  }
  return { stacks, refusals };
}

async function planStack(settings: Settings, declarations: Declarations): Promise<StackPlan> {
  const identity = identityOf(settings);
  const whole = withOnly(settings, pathsOf(settings));
  return {
    environment: settings.environment,
    region: settings.identity.region,
    graph: await declarations.record(declarations.subject(whole, identity)),
    listed: await listedEffects(settings, declarations),
    byIdentity: compareGraphs(
      await declarations.ofPlaceholder(whole),
      await declarations.ofPlaceholder(whole, identity),
    ),
  };
}
