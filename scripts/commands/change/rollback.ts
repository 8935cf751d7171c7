import type { Register } from '../../console/command.ts';
import { addChangeOptions, type ChangeOptions, runChange } from './run-change.ts';

export const rollback: Register = (program, run) => {
  addChangeOptions(
    program
      .command('rollback')
      .summary('deploy the previous release and its env values')
      .description(
        'Puts back the release and the env values that ENV ran before the present ones. Secrets stay as they are\n' +
          'unless --with-secrets; a retired version never comes back.',
      )
      .argument('<env>', 'the environment'),
  )
    .option('--with-secrets', 'the secret versions of then, too')
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
