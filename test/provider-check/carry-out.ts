import type { Ministack } from '../support/servers/ministack.ts';
import type { Applied, Diagnostic, Terraform } from '../support/servers/terraform.ts';
import { emulatorLimits, withinLimits } from './emulator-limits.ts';
import { renderProviders, renderResources, type TerraformConfig } from './terraform-config.ts';
import type { TerraformResource, Translation } from './translate.ts';

/**
 * Types that the provider checks when it plans, by what it reads back from itself where changes are ignored:
 * a metric of several parts has no statistic, a public gateway no second addresses. They are planned again as
 * they were declared.
 */
const checkedAgain: ReadonlySet<string> = new Set([
  'aws_cloudwatch_metric_alarm',
  'aws_nat_gateway',
  'aws_sns_topic_subscription',
]);

/** Each program is a module of its own, by name. */
export type Programs = ReadonlyMap<string, Translation>;

export type CarriedOut = {
  planned: Applied;
  /** Applied as declared. */
  whole: Applied;
  /** What then came of the rest, without what the emulator can't do. */
  rest: Applied;
};

/** Plans all, applies what the emulator can do as it stands, then what it can do within its limits. */
export async function carryOut(
  tool: Terraform,
  { endpoint }: Ministack,
  programs: Programs,
  name: string,
): Promise<CarriedOut> {
  const directory = tool.workspace(
    name,
    filesOf(programs, (resource) => resource),
  );
  const planned = await tool.plan(directory, endpoint);
  const whole = await tool.apply(directory, endpoint);
  const made = new Set(whole.addresses);
  // What is made stays as it is: an emulator reads much of it back in other words.
  const limited = filesOf(programs, (resource, address) => {
    if (!made.has(address)) return withinLimits(resource, emulatorLimits);
    return checkedAgain.has(resource.type) ? resource : { ...resource, ignoreChanges: ['*'] };
  });
  tool.rewrite(directory, limited);
  const again = await tool.plan(directory, endpoint);
  const rest = await tool.apply(directory, endpoint);
  // An apply says only that its plan is incomplete; why, the plan said.
  return { planned, whole, rest: { ...rest, diagnostics: [...again.diagnostics, ...rest.diagnostics] } };
}

/**
 * An answer of the emulator can get lost on a busy machine: the SDK asks again, and hears that what it wants
 * exists. Such a run says nothing of that resource.
 */
export function lostAnswer({ whole }: CarriedOut): boolean {
  return errorsOf(whole.diagnostics).some(({ message }) => /AlreadyExists|already exists/.test(message));
}

export function errorsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/** Every address of the programs, as Terraform writes it. */
export function addressesOf(programs: Programs): readonly string[] {
  return [...programs].flatMap(([module, { resources }]) =>
    resources.map((resource) => addressIn(module, resource)),
  );
}

export function filesOf(
  programs: Programs,
  change: (resource: TerraformResource, address: string) => TerraformResource,
): Record<string, TerraformConfig> {
  const modules = [...programs.keys()].map((name) => [name, { source: `./${name}` }]);
  const files = [...programs].flatMap(([name, { providers, resources }]) => [
    [`${name}/providers`, renderProviders(providers)],
    [`${name}/resources`, renderResources(resources.map((each) => change(each, addressIn(name, each))))],
  ]);
  return { main: { module: Object.fromEntries(modules) }, ...Object.fromEntries(files) };
}

function addressIn(module: string, { type, name }: TerraformResource): string {
  return `module.${module}.${type}.${name}`;
}
