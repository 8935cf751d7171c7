import { FileSecrets } from '../adapters/secret-file.ts';
import { readSecret } from '../adapters/secret-input.ts';
import { checkEnvironment } from '../adapters/settings-files.ts';
import { checkSecretName } from '../domain/secret-rules.ts';
import type { Register } from './command.ts';
import { table } from './table.ts';

/** `lockstep secret set|list`: values go in and never come out. */
export const secret: Register = (program, run) => {
  const verb = program.command('secret').description('keep the secrets of an environment');

  verb
    .command('set')
    .description(
      'store a new version of a secret, read from standard input; hosts get it with the next deploy',
    )
    .argument('<environment>')
    .argument('<name>', 'as declared under secrets in lockstep.yaml')
    .addHelpText(
      'after',
      '\nExamples:\n  openssl rand -base64 32 | lockstep secret set staging SESSION_KEY\n' +
        '  lockstep secret set staging SESSION_KEY     asks for it and does not show what you type',
    )
    .action(
      run(async (context, environment: string, name: string) => {
        const { project } = context.options;
        await checkEnvironment(project, environment);
        checkSecretName(name);
        const text = `Value of ${name} in ${environment} (not shown): `;
        const value = await readSecret(process.stdin, { to: process.stderr, text });
        // An interrupted program before us in the pipe ends its output early: half a secret is none.
        context.signal.throwIfAborted();
        const version = await new FileSecrets(project).set(environment, name, value);
        return {
          json: { environment, name, version },
          text: `${environment}: ${name} is version ${version} now. Hosts get it with \`lockstep deploy ${environment}\`.`,
        };
      }),
    );

  verb
    .command('list')
    .description('names and newest versions, never values')
    .argument('<environment>')
    .addHelpText('after', '\nExample:\n  lockstep secret list staging --json')
    .action(
      run(async (context, environment: string) => {
        const { project } = context.options;
        await checkEnvironment(project, environment);
        const secrets = await new FileSecrets(project).current(environment);
        const rows = secrets.map(({ name, version }) => [name, String(version)]);
        const text = table(['name', 'version'], rows, context.colour);
        return {
          json: { environment, secrets },
          text: rows.length === 0 ? `${environment} has no secrets.` : text,
        };
      }),
    );
};
