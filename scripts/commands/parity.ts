import type { Settings } from '../../infra/settings/config.ts';
import type { Register } from '../console/command.ts';
import { type Paint, paint, table } from '../console/table.ts';
import { exitCodes, usage } from '../domain/errors.ts';
import type { Finding } from '../domain/parity/parity.ts';
import type { Target } from '../targets/contract/target.ts';
import { openTarget } from '../targets/open-target.ts';
import { type Compared, compareEnvironments, type Parity } from '../workflows/inspect/parity.ts';

export const parity: Register = (program, run) => {
  program
    .command('parity')
    .summary('prove that every environment runs what was ordered')
    .description(
      'Compares every environment with its own committed order, then with its upstream, by fresh attestations.\n' +
        'Exits 1 on a divergence, and 0 on a listed difference or a gap that committed orders explain (behind).',
    )
    .argument('[a]', 'one environment; default: all of them')
    .argument('[b]', 'the other environment')
    .addHelpText('after', '\nExample: lockstep parity staging production --json')
    .action(
      run(async (context, a: string | undefined, b: string | undefined) => {
        if (a !== undefined && a === b)
          throw usage(`${a} can't be compared with itself`, { fix: 'Name two environments.' });
        const chosen = [a, b].filter((name) => name !== undefined);
        const target = await openTarget(context);
        const names = chosen.length === 0 ? await target.environments() : chosen;
        const result = await compareEnvironments(await openAll(target, names));
        return {
          json: result,
          text: render(result, context.colour),
          exitCode: result.inStep ? 0 : exitCodes.failed,
        };
      }),
    );
};

/** One environment after the other, so that warnings appear in the order of the names given. */
async function openAll(target: Target, names: readonly string[]): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  for (const name of names) {
    const opened = await target.open(name, { lenient: true, lookOnly: true });
    const { environment, settings, wantedHosts, hostsAreLocal } = opened;
    compared.push({
      environment,
      listed: settings.differences.map(listedDifference),
      wantedHosts,
      hostsAreLocal,
    });
  }
  return compared;
}

function listedDifference({ path, value, base, reason, until }: Settings['differences'][number]) {
  return { path, value: JSON.stringify(value), base: JSON.stringify(base), reason, until };
}

const colours: Record<Finding['verdict'], Paint> = {
  'in step': 'green',
  listed: 'dim',
  behind: 'yellow',
  divergence: 'red',
};

function render({ findings, inStep }: Parity, colour: boolean): string {
  const rows = findings.map(({ between, facet, verdict, host, detail }) => [
    between,
    facet,
    paint(colours[verdict], verdict, colour),
    host === null ? detail : `${host}: ${detail}`,
  ]);
  const divergences = findings.filter(({ verdict }) => verdict === 'divergence').length;
  const summary = inStep
    ? paint('green', 'In step: every difference is listed or ordered.', colour)
    : paint('red', `${divergences} ${divergences === 1 ? 'divergence' : 'divergences'}.`, colour);
  return `${table(['environments', 'facet', 'verdict', 'what'], rows, colour)}\n${summary}`;
}
