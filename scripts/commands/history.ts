import type { Register } from '../console/command.ts';
import { paint, table } from '../console/table.ts';
import { short } from '../domain/order/content.ts';
import { describeBasis } from '../domain/order/describe-basis.ts';
import { openTarget } from '../targets/open-target.ts';
import { recordsOf } from '../workflows/environment/environment-records.ts';

export const history: Register = (program, run) => {
  program
    .command('history')
    .summary('list every order of an environment, and its outcome')
    .argument('<env>', 'the environment')
    .addHelpText('after', '\nExample: lockstep history production')
    .action(
      run(async (context, name: string) => {
        const target = await openTarget(context);
        const { environment } = await target.open(name, { lenient: true, lookOnly: true });
        const entries = await recordsOf(environment).orders(true);
        const rows = entries
          .toReversed()
          .map(({ order, outcome }) => [
            String(order.number),
            order.at,
            order.tag ?? '-',
            short(order.release),
            outcome?.result ?? 'open',
            order.by,
            order.basis.kind === 'override'
              ? paint('red', describeBasis(order.basis), context.colour)
              : describeBasis(order.basis),
          ]);
        return {
          json: {
            environment: name,
            orders: entries.map(({ order, outcome }) => ({ order, outcome: outcome ?? null })),
          },
          text: table(['order', 'at', 'tag', 'release', 'outcome', 'by', 'basis'], rows, context.colour),
        };
      }),
    );
};
