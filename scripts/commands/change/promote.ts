import type { Register } from '../../console/command.ts';
import { addChangeOptions, type ChangeOptions, runChange } from './run-change.ts';

export const promote: Register = (program, run) => {
  addChangeOptions(
    program
      .command('promote')
      .summary('deploy what the upstream environment runs and has verified')
      .description(
        'Deploys to ENV the exact bytes that its upstream runs, has verified, and has soaked long enough.',
      )
      .argument('<env>', 'the environment to promote to'),
  )
    .option('--override-reason <reason>', 'do without receipt and soak; the reason stays visible')
    .addHelpText('after', '\nExample: lockstep promote production')
    .action(
      run((context, environment: string, options: ChangeOptions) =>
        runChange(context, environment, options, {
          kind: 'promote',
          overrideReason: options.overrideReason ?? null,
        }),
      ),
    );
};
