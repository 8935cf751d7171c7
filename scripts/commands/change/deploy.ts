import type { Register } from '../../console/command.ts';
import { addChangeOptions, type ChangeOptions, runChange } from './run-change.ts';

export const deploy: Register = (program, run) => {
  addChangeOptions(
    program
      .command('deploy')
      .summary('put a built release in an environment')
      .description(
        'Rolls the release of TAG out to ENV, host by host, and commits it once it is verified there. Without TAG it\n' +
          'deploys the current release again, with the current env values and secrets.',
      )
      .argument('<env>', 'the environment')
      .argument('[tag]', 'a tag that was built'),
  )
    .option(
      '--override-reason <reason>',
      'take a release that upstream has not verified; the reason stays visible',
    )
    .addHelpText('after', '\nExample: lockstep deploy staging v1.2.3')
    .action(
      run((context, environment: string, tag: string | undefined, options: ChangeOptions) =>
        runChange(context, environment, options, {
          kind: 'deploy',
          tag: tag ?? null,
          overrideReason: options.overrideReason ?? null,
        }),
      ),
    );
};
