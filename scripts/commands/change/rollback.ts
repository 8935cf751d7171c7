import type { Register } from '../../console/command.ts';
import { addChangeOptions, type ChangeOptions, runChange } from './run-change.ts';

export const rollback: Register = (program, run) => {
  addChangeOptions(
    program
      .command('rollback')
      .summary('deploy the previous release and its env values')
      .description(
        'Restores the release and the env values that ENV ran before the current ones. Secrets stay as they are\n' +
          'without --with-secrets; a retired version is never restored.',
      )
      .argument('<env>', 'the environment'),
  )
    .option('--with-secrets', 'restore the secret versions of that time too')
    .addHelpText('after', '\nExample: lockstep rollback production')
    .action(
      run((context, environment: string, options: ChangeOptions & { withSecrets?: true }) =>
        runChange(context, environment, options, {
          kind: 'rollback',
          withSecrets: options.withSecrets === true,
        }),
      ),
    );
};
