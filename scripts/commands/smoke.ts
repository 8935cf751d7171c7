import type { Register } from '../console/command.ts';
import { paint, table } from '../console/table.ts';
import { exitCodes } from '../domain/errors.ts';
import { short } from '../domain/order/content.ts';
import { openTarget } from '../targets/open-target.ts';
import { type SmokeResult, smokeEnvironment } from '../workflows/inspect/smoke-environment.ts';

export const smoke: Register = (program, run) => {
  program
    .command('smoke')
    .summary('use the app as a user would: on every host, across hosts and through the balancer')
    .description(
      'Runs the smoke suites of the committed release of ENV. Changes nothing. Exits 1 when a suite fails.',
    )
    .argument('<env>', 'the environment')
    .option('--suite <name>', 'run only this suite')
    .addHelpText('after', '\nExample: lockstep smoke staging --suite workflow')
    .action(
      run(async (context, name: string, { suite }: { suite?: string }) => {
        const target = await openTarget(context);
        const { environment } = await target.open(name, { lenient: true, lookOnly: true });
        const found = await smokeEnvironment(environment, suite, context.signal);
        const passed = found.results.every((result) => result.passed);
        return {
          json: {
            environment: name,
            order: found.order.number,
            release: found.order.release,
            passed,
            hosts: found.hosts,
            suites: found.results,
          },
          text: render(name, found, context.colour),
          exitCode: passed ? 0 : exitCodes.failed,
        };
      }),
    );
};

function render(environment: string, { order, hosts, results }: SmokeResult, colour: boolean): string {
  const what = `${order.tag ?? 'release'} (${short(order.release)})`;
  if (results.length === 0)
    return `${environment} runs ${what}, which has no smoke suite for this environment.`;
  const rows = results.map(({ suite, travels, passed, requests }) => [
    suite,
    travels,
    String(requests),
    passed ? paint('green', 'passed', colour) : paint('red', 'failed', colour),
  ]);
  const failures = results.flatMap(({ failure }) => (failure === null ? [] : ['', failure]));
  const bad = results.filter(({ passed }) => !passed).length;
  const count = `${results.length - bad} of ${results.length} suites passed`;
  return [
    `${environment} runs ${what} on ${hosts.length === 1 ? 'one host' : `${hosts.length} hosts`}.`,
    table(['suite', 'travels', 'requests', ''], rows, colour),
    ...failures,
    paint(bad === 0 ? 'green' : 'red', count, colour),
  ].join('\n');
}
