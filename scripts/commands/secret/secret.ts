import { readSecret } from '../../adapters/terminal/secret-input.ts';
import type { Register } from '../../console/command.ts';
import { table } from '../../console/table.ts';
import { checkSecretName } from '../../domain/secrets/secret-rules.ts';
import { openTarget } from '../../targets/open-target.ts';
import { secretRotateRedis } from './secret-rotate-redis.ts';

/** `lockstep secret set|list|rotate-redis`: values go in and never come out. */
export const secret: Register = (program, run) => {
  const verb = program.command('secret').description('manage the secrets of an environment');

  verb
    .command('set')
    .summary('store a new version of a secret')
    .description(
      'Stores a new version of a secret, read from standard input; hosts get it with the next deploy.\n' +
        'With --target aws it goes into Secrets Manager, in the account and region of the environment, with the credentials of\n' +
        'whoever is logged in; the newest 18 versions are kept.',
    )
    .argument('<environment>')
    .argument('<name>', 'as declared under secrets in lockstep.yaml')
    .addHelpText(
      'after',
      '\nExamples:\n  openssl rand -base64 32 | lockstep secret set staging SESSION_KEY\n' +
        '  lockstep secret set staging SESSION_KEY     asks for it and does not show what you type\n' +
        '  openssl rand -base64 32 | lockstep secret set staging SESSION_KEY --target aws',
    )
    .action(
      run(async (context, environment: string, name: string) => {
        const target = await openTarget(context);
        const secrets = await target.secrets(environment);
        checkSecretName(name);
        const text = `Value of ${name} in ${environment} (not shown): `;
        const value = await readSecret(process.stdin, { to: process.stderr, text });
        // An interrupted program before us in the pipe ends its output early, and half a secret must not be
        // stored.
        context.signal.throwIfAborted();
        const version = await secrets.set(environment, name, value);
        const next =
          target.kind === 'aws'
            ? 'Hosts get it with the next order.'
            : `Hosts get it with \`lockstep deploy ${environment}\`.`;
        return {
          json: { environment, name, version },
          text: `${environment}: ${name} is now version ${version}. ${next}`,
        };
      }),
    );

  verb
    .command('list')
    .summary('list names and newest versions, never values')
    .description(
      'Lists names and newest versions, never values. With --target aws: for the names that Pulumi.yaml declares under app.secrets.',
    )
    .argument('<environment>')
    .addHelpText(
      'after',
      '\nExamples:\n  lockstep secret list staging --json\n  lockstep secret list staging --target aws',
    )
    .action(
      run(async (context, environment: string) => {
        const target = await openTarget(context);
        const secrets = await (await target.secrets(environment)).current(environment);
        const rows = secrets.map(({ name, version }) => [name, String(version)]);
        const text = table(['name', 'version'], rows, context.colour);
        return {
          json: { environment, secrets },
          text: rows.length === 0 ? `${environment} has no secrets.` : text,
        };
      }),
    );

  secretRotateRedis(verb, run);
};
