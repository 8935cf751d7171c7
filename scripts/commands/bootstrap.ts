import { PulumiFoundation, readFoundation } from '../adapters/pulumi/pulumi-foundation.ts';
import type { Register } from '../console/command.ts';
import { bootstrap as makeFoundation } from '../workflows/bootstrap.ts';

export const bootstrap: Register = (program, run) => {
  program
    .command('bootstrap')
    .summary('make what every environment stands on: release store, state bucket, keys, roles of GitHub')
    .description(
      'Runs infra/foundation in the hub account, once with its state on this machine, then with the state in the bucket\n' +
        'that it made. Repeated, it changes nothing; interrupted, it goes on. Needs `pulumi` on the PATH and credentials of\n' +
        'the hub account that may take the set-up role of each environment.',
    )
    .addHelpText('after', '\nExample: lockstep bootstrap')
    .action(
      run(async ({ options, environment, signal, reporter }) => {
        const settings = await readFoundation(options.project);
        const onLine = (line: string) => options.verbose && reporter.info(line);
        const engine = new PulumiFoundation(options.project, settings, { environment, signal, onLine });
        const { steps, changed } = await makeFoundation(engine, reporter, signal);
        const { account, region } = settings.hub;
        return {
          json: { account, region, steps, changed },
          text: changed
            ? `The foundation stands in account ${account}, ${region}; its state is in its own bucket.\n` +
              (steps.includes('encrypt')
                ? 'Commit infra/foundation/Pulumi.hub.yaml: it now names the key that the state is encrypted with.\n'
                : '') +
              'Next: `lockstep pins update`, then `lockstep pins publish`, so that hosts find what they start with.'
            : `The foundation in account ${account}, ${region} is as its program says; nothing was changed.`,
        };
      }),
    );
};
