import { solveTimes } from '../../infra/times/times.ts';
import { readTables } from '../adapters/pulumi/infra-tables.ts';
import { listUpstreamFirst, loadSettings } from '../adapters/settings/settings-files.ts';
import { systemClock } from '../adapters/terminal/system-clock.ts';
import type { Context, Register, Result } from '../console/command.ts';
import { paint, table } from '../console/table.ts';
import { exitCodes } from '../domain/errors.ts';
import { type Cost, estimateCost } from '../domain/plan/cost.ts';
import { type Graph, labelOf } from '../domain/plan/graph.ts';
import { type ComponentCount, countByComponent } from '../domain/plan/graph-summary.ts';
import type { Refusal } from '../domain/plan/plan.ts';
import { withOnly } from '../workflows/plan/declarations.ts';
import { planStacks, type StackPlan } from '../workflows/plan/plan.ts';
import { standInForVpcs } from '../workflows/plan/vpc-stand-in.ts';

export const plan: Register = (program, run) => {
  program
    .command('plan')
    .summary(
      'show what the cloud would contain, and prove that environments differ only where a difference is listed',
    )
    .description(
      'Runs the cloud program in this process, without credentials, for every environment and for placeholders in their place.\n' +
        'Shows resources by component, listed differences with their reasons and what each changes, and estimated costs.\n' +
        'Exits 3 when a difference is not listed, or a listed one changes nothing.',
    )
    .argument('[environments...]', 'default: all of them')
    .option('--times', 'explain the chain of times of each environment instead')
    .addHelpText('after', '\nExample: lockstep plan staging production --json')
    .action(
      run(async (context, names: string[], options: { times?: boolean }) => {
        const chosen =
          names.length > 0
            ? [...new Set(names)]
            : await listUpstreamFirst(context.options.project, systemClock.now());
        const tables = await readTables();
        const cloud = { pins: tables.pins };
        const settings = await Promise.all(
          chosen.map((name) => loadSettings(context.options.project, name, systemClock.now(), { cloud })),
        );
        return options.times === true ? explainTimes(settings) : drawPlan(context, settings, tables);
      }),
    );
};

type Tables = Awaited<ReturnType<typeof readTables>>;
type Loaded = Awaited<ReturnType<typeof loadSettings>>;

function explainTimes(all: readonly Loaded[]): Result {
  const solved = all.map((settings) => {
    const shared = withOnly(
      settings,
      settings.differences.map(({ path }) => path),
    );
    const { ok, chain } = solveTimes(shared);
    return { environment: settings.environment, holds: ok, chain };
  });
  return {
    json: solved,
    text: solved
      .map(({ environment, chain }) => [environment, ...chain.map((link) => `  ${link}`)].join('\n'))
      .join('\n\n'),
    exitCode: solved.every(({ holds }) => holds) ? 0 : exitCodes.refused,
  };
}

/** Pulumi's SDKs take a second to load: only a plan pays for them. */
async function drawPlan(context: Context, all: readonly Loaded[], { pins, prices }: Tables): Promise<Result> {
  const { recordStack } = await import('../adapters/pulumi/stack-recorder.ts');
  if (pins.example)
    context.reporter.warn('infra/pins.json holds examples: run `lockstep pins update` before `pulumi up`');
  const { stacks, refusals } = await planStacks(all, { record: recordStack, pins });
  const drawn = stacks.map((stack) => {
    const whole = standInForVpcs(stack.graph);
    return {
      ...stack,
      components: countByComponent(whole),
      foreseen: foreseenIn(whole, stack.graph),
      cost: estimateCost(whole, stack.region, prices),
    };
  });
  return {
    json: { example: pins.example, stacks: drawn, refusals, proved: refusals.length === 0 },
    text: render(drawn, refusals, context.colour),
    exitCode: refusals.length === 0 ? 0 : exitCodes.refused,
  };
}

/**
 * `foreseen`: resources that a remote component creates by itself, predicted here until a real preview lists
 * them.
 */
type Drawn = StackPlan & { components: readonly ComponentCount[]; foreseen: number; cost: Cost };

function foreseenIn(whole: Graph, graph: Graph): number {
  const registered = new Set(graph.resources.map(labelOf));
  return whole.resources.filter((resource) => !registered.has(labelOf(resource))).length;
}

function render(stacks: readonly Drawn[], refusals: readonly Refusal[], colour: boolean): string {
  const parts = [
    renderComponents(stacks, colour),
    renderDifferences(stacks, colour),
    ...stacks.map((stack) => renderCost(stack, colour)),
    ...refusals.map((refusal) => renderRefusal(refusal, colour)),
    refusals.length === 0
      ? paint(
          'green',
          'Proved: the same settings declare the same cloud, and every difference is listed.',
          colour,
        )
      : paint(
          'red',
          `Refused: ${refusals.length === 1 ? 'one proof does' : `${refusals.length} proofs do`} not hold.`,
          colour,
        ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A row for each component, a column for each environment. */
function renderComponents(stacks: readonly Drawn[], colour: boolean): string {
  const names = [
    ...new Set(stacks.flatMap(({ components }) => components.map(({ component }) => component))),
  ];
  const rows = names.map((name) => [
    name,
    ...stacks.map(({ components }) =>
      String(components.find(({ component }) => component === name)?.count ?? 0),
    ),
  ]);
  const total = [
    'all',
    ...stacks.map(({ components }) => String(components.reduce((sum, { count }) => sum + count, 0))),
  ];
  const sorted = rows.toSorted(([left = ''], [right = '']) => (left < right ? -1 : 1));
  const drawn = table(
    ['resources', ...stacks.map(({ environment }) => environment)],
    [...sorted, total],
    colour,
  );
  const foreseen = stacks
    .filter((stack) => stack.foreseen > 0)
    .map((stack) => `${stack.foreseen} in ${stack.environment}`);
  if (foreseen.length === 0) return drawn;
  return `${drawn}\nof these, awsx.ec2.Vpc creates some by itself (predicted, not registered): ${foreseen.join(', ')}`;
}

function renderDifferences(stacks: readonly Drawn[], colour: boolean): string {
  const rows = stacks.flatMap(({ environment, listed, byIdentity }) => [
    ...listed.map(({ path, value, base, changes, pipeline, reason, until }) => [
      environment,
      `${path}: ${JSON.stringify(base)} -> ${JSON.stringify(value)}`,
      pipeline && changes.length === 0 ? 'pipeline' : String(changes.length),
      until === null ? reason : `${reason} (until ${until})`,
    ]),
    ...(byIdentity.length === 0
      ? []
      : [
          [
            environment,
            'identity',
            String(byIdentity.length),
            'follows from having no upstream, or an address range of another size',
          ],
        ]),
  ]);
  if (rows.length === 0) return 'No environment differs from the base.';
  return table(['environment', 'difference', 'changes', 'reason'], rows, colour);
}

function renderCost({ environment, cost }: Drawn, colour: boolean): string {
  const priced = cost.lines.filter(({ monthlyUsd }) => monthlyUsd !== null && monthlyUsd > 0);
  const [large, small] = [
    priced.filter(({ monthlyUsd }) => (monthlyUsd ?? 0) >= 1),
    priced.filter(({ monthlyUsd }) => (monthlyUsd ?? 0) < 1),
  ];
  const together = [...Map.groupBy(small, ({ type }) => type.split(':').at(-1) ?? type)].map(
    ([type, lines]) => ({
      resource: `${lines.length} ${type}`,
      monthlyUsd: lines.reduce((sum, line) => sum + (line.monthlyUsd ?? 0), 0),
      basis: 'together',
    }),
  );
  const rows = [...large, ...together]
    .toSorted((left, right) => (right.monthlyUsd ?? 0) - (left.monthlyUsd ?? 0))
    .map(({ resource, monthlyUsd, basis }) => [resource, (monthlyUsd ?? 0).toFixed(2), basis]);
  const unpriced = [
    ...Map.groupBy(
      cost.lines.filter(({ monthlyUsd }) => monthlyUsd === null),
      ({ type }) => type,
    ),
  ];
  const named = unpriced.map(([type, lines]) => `${lines.length} ${type.split(':').at(-1)}`).join(', ');
  const head = `${environment}: about ${Math.round(cost.monthlyUsd)} USD a month (list prices of ${cost.asOf}), excluding unpriced resources`;
  return [
    paint('bold', head, colour),
    table(['resource', 'USD', 'basis'], rows, colour),
    `unpriced: ${named || 'nothing'}`,
  ].join('\n');
}

/** Every difference is in the JSON; the terminal shows the first few. */
const shown = 20;

function renderRefusal({ environment, message, details, fix }: Refusal, colour: boolean): string {
  const more = details.length > shown ? [`  and ${details.length - shown} more (--json shows all)`] : [];
  const lines = details.slice(0, shown).map((detail) => `  ${detail}`);
  return [paint('red', `${environment}: ${message}`, colour), ...lines, ...more, `  Fix: ${fix}`].join('\n');
}
