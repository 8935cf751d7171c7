import { examine, install } from '../adapters/terminal/machine-doctor.ts';
import type { Context, Register, Result } from '../console/command.ts';
import { paint, table } from '../console/table.ts';
import { exitCodes } from '../domain/errors.ts';
import { type Diagnosis, prerequisites } from '../domain/prerequisites.ts';

export const doctor: Register = (program, run) => {
  program
    .command('doctor')
    .summary('show what this machine needs, what it has, and how to install the rest')
    .description(
      'Lists every prerequisite: wanted, found, fix. With --fix it installs what is missing with apt-get or brew, where\n' +
        'that needs no password; otherwise it prints the line to paste. Exits 1 while something is missing.\n' +
        'With LOCKSTEP_NO_INSTALL=1 it installs nothing.',
    )
    .option('--fix', 'install what is missing')
    .option('--tests', 'include what only the tests of this repository need')
    .addHelpText('after', '\nExample: lockstep doctor --fix')
    .action(run((context, options: { fix?: true; tests?: true }) => work(context, options)));
};

async function work(context: Context, { fix, tests }: { fix?: true; tests?: true }): Promise<Result> {
  const { reporter, signal, environment, options, colour } = context;
  const wanted = prerequisites.filter(({ neededFor }) => tests === true || neededFor === 'running');
  const machine = { environment, signal };
  let found = await examine(wanted, machine);
  let notes: string[] = [];
  if (fix === true && found.some(({ fine }) => !fine)) {
    const outcome = await reporter.step('installing what is missing', (note) =>
      install(found, machine, (line) => options.verbose && note(line)),
    );
    notes = outcome.notes;
    if (outcome.installed) found = await examine(wanted, machine);
  }
  const missing = found.filter(({ fine }) => !fine);
  return {
    json: { prerequisites: found.map(({ package: _, ...rest }) => rest), notes },
    text: [render(found, colour), ...notes].join('\n'),
    exitCode: missing.length === 0 ? 0 : exitCodes.failed,
  };
}

function render(found: readonly Diagnosis[], colour: boolean): string {
  const rows = found.map(({ name, wanted, found: version, fine, fix }) => [
    name,
    wanted,
    paint(fine ? 'green' : 'red', version ?? 'missing', colour),
    fix ?? '',
  ]);
  return table(['', 'wanted', 'found', 'fix'], rows, colour);
}
