import { PulumiFoundation, readFoundation } from '../adapters/pulumi/pulumi-foundation.ts';
import type { Register } from '../console/command.ts';
import { bootstrap as makeFoundation } from '../workflows/bootstrap.ts';

export const bootstrap: Register = (program, run) => {
  program
    .command('bootstrap')
    .summary('create what every environment needs: release store, state bucket, keys, roles for GitHub')
    .description(
      'Runs infra/foundation in the hub account, once with its state on this machine, then with the state in the bucket\n' +
        'that it created. A repeated run changes nothing; after an interruption it continues. Needs `pulumi` on the PATH and\n' +
        'credentials of the hub account that may assume the set-up role of each environment.',
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
            ? `The foundation is in account ${account}, ${region}; its state is in its own bucket.\n` +
              (steps.includes('encrypt')
                ? 'Commit infra/foundation/Pulumi.hub.yaml: it now names the key that the state is encrypted with.\n'
                : '') +
              'Next: `lockstep pins update`, then `lockstep pins publish`, so that hosts find what they need to start.'
            : `The foundation in account ${account}, ${region} is up to date; nothing was changed.`,
        };
      }),
    );
};
