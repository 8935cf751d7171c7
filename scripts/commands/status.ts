import type { Register } from '../console/command.ts';
import { paint, table } from '../console/table.ts';
import { exitCodes } from '../domain/errors.ts';
import { short } from '../domain/order/content.ts';
import { describeBasis } from '../domain/order/describe-basis.ts';
import { openTarget } from '../targets/open-target.ts';
import { type EnvironmentStatus, readStatus } from '../workflows/inspect/status.ts';

export const status: Register = (program, run) => {
  program
    .command('status')
    .summary('show what an environment runs now, host by host')
    .description(
      'Asks every host of ENV for a fresh attestation. Exits 1 unless every host runs the committed order.',
    )
    .argument('<env>', 'the environment')
    .addHelpText('after', '\nExample: lockstep status production --json')
    .action(
      run(async (context, name: string) => {
        const target = await openTarget(context);
        const { environment } = await target.open(name, { lenient: true, lookOnly: true });
        const found = await readStatus(environment);
        const settled = found.inStep && found.pending === null;
        return {
          json: found,
          text: render(found, context.colour),
          exitCode: settled ? 0 : exitCodes.failed,
        };
      }),
    );
};

function render(found: EnvironmentStatus, colour: boolean): string {
  const { committed, pending, lease } = found;
  const lines = [
    committed === null
      ? `${found.environment}: nothing committed yet`
      : `${found.environment}: ${committed.tag ?? 'release'} (${short(committed.release)}), order ${committed.number} by ${committed.by} at ${committed.at}`,
  ];
  if (committed !== null) {
    const basis = describeBasis(committed.basis);
    lines.push(committed.basis.kind === 'override' ? paint('red', basis, colour) : basis);
    lines.push(
      found.verified ? 'verified here: yes' : paint('yellow', 'verified here: no standing receipt', colour),
    );
  }
  if (pending !== null) {
    const state = pending.outcome === null ? 'in progress or left open' : pending.outcome.result;
    const reason = pending.outcome?.reason == null ? '' : `: ${pending.outcome.reason}`;
    lines.push(
      paint(
        'yellow',
        `order ${pending.order.number} (${pending.order.tag ?? short(pending.order.release)}): ${state}${reason}`,
        colour,
      ),
    );
  }
  if (lease !== null) lines.push(`lease held by ${lease.owner} (run ${lease.run})`);
  const rows = found.hosts.map(({ host, rotation, attestation, problems }) => [
    host,
    rotation,
    String(attestation?.order ?? '-'),
    short(attestation?.release ?? null),
    problems.length === 0
      ? paint('green', 'as committed', colour)
      : paint('red', problems.join('; '), colour),
  ]);
  return [...lines, table(['host', 'rotation', 'order', 'release', 'state'], rows, colour)].join('\n');
}
