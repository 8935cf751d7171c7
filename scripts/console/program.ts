import path from 'node:path';
import { Command, Option, type OutputConfiguration } from 'commander';
import { usage } from '../domain/errors.ts';
import type { GlobalOptions, Register, Run } from './command.ts';

/** The program with every verb. The command line and the rehearsal both run this one. */
export function createProgram(
  verbs: readonly Register[],
  run: Run,
  output: OutputConfiguration = {},
): Command {
  const program = new Command('lockstep')
    .description('One tagged build, every environment, in step, and proof of it.')
    .showHelpAfterError('(lockstep --help lists the verbs)')
    .configureOutput(output)
    .exitOverride();
  for (const register of verbs) register(program, run);
  for (const command of leaves(program)) addGlobalOptions(command);
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 usage, 3 refused by a rule, 4 the machinery broke, 130 interrupted.',
  );
  return program;
}

function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function addGlobalOptions(command: Command): void {
  command
    .addOption(
      new Option('--json', 'print one JSON document on standard output; progress goes to standard error'),
    )
    .addOption(new Option('--verbose', 'stream the output of steps, and print stack traces with errors'))
    .addOption(
      new Option('--project <dir>', 'the directory that holds Pulumi.yaml').default('.', 'this directory'),
    )
    .addOption(
      new Option('--target <target>', 'where environments live').choices(['local', 'aws']).default('local'),
    )
    .exitOverride();
}

/** The verbs that support the target aws. Any other would act on this machine instead. */
const verbsOnAws = new Set(['secret set', 'secret list', 'secret rotate-redis']);

function pathOf(command: Command): string {
  const above = command.parent === null || command.parent.parent === null ? '' : `${pathOf(command.parent)} `;
  return above + command.name();
}

/** @throws LockstepError usage for a target that the verb does not support yet. */
export function globalOptions(command: Command): GlobalOptions {
  const options: Record<string, unknown> = command.opts();
  const target = options.target === 'aws' ? 'aws' : 'local';
  if (target === 'aws' && !verbsOnAws.has(pathOf(command))) {
    throw usage(
      '--target aws is not supported yet: with this verb, this version supports the local target only',
      {
        details: [`verbs that support it: ${[...verbsOnAws].join(', ')}`],
        fix: 'Leave --target out, or write --target local.',
      },
    );
  }
  return {
    json: options.json === true,
    verbose: options.verbose === true,
    project: path.resolve(String(options.project ?? '.')),
    target,
  };
}
