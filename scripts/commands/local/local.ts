import type { Context, Register, Result } from '../../console/command.ts';
import { paint, table } from '../../console/table.ts';
import { usage } from '../../domain/errors.ts';
import { LocalTarget } from '../../targets/local/local-target.ts';

/** `lockstep local up|down`: the environments as they run on this machine. */
export const local: Register = (program, run) => {
  const verb = program
    .command('local')
    .description('start and stop environments on this machine: hosts, Redis, balancer, shared directory');

  verb
    .command('up')
    .description(
      'Starts whatever part of ENV is not running, adds or removes hosts as its settings say, and prints its addresses.\n' +
        'Hosts that were down boot by the last committed order. Running parts are left alone.',
    )
    .argument('<env>', 'the environment')
    .addHelpText('after', '\nExample: lockstep local up staging')
    .action(run((context, name: string) => up(context, name)));

  verb
    .command('down')
    .description(
      'Stops ENV, or every environment, and leaves no process behind. Files stay under .lockstep/.',
    )
    .argument('[env]', 'the environment; default: all of them')
    .addHelpText('after', '\nExample: lockstep local down')
    .action(run((context, name: string | undefined) => down(context, name)));
};

async function up(context: Context, name: string): Promise<Result> {
  const target = new LocalTarget(context);
  const settings = await target.settings(name, { lenient: true });
  const { topology, publicUrl, warnings } = await context.reporter.step(`bringing ${name} up`, () =>
    target.up(settings),
  );
  for (const warning of [...settings.warnings, ...warnings]) context.reporter.warn(warning);
  const rows = [
    ...(publicUrl === null ? [] : [['balancer', publicUrl]]),
    ['redis', `redis://${topology.redis.address}:${topology.redis.port}`],
    ...topology.hosts.flatMap((host) =>
      Object.entries(host.ports).map(([service, port]) => [
        `${host.name} ${service}`,
        host.lost ? paint('red', 'down', context.colour) : `http://${host.address}:${port}`,
      ]),
    ),
  ];
  return {
    json: { environment: name, publicUrl, redis: topology.redis, hosts: topology.hosts, warnings },
    text: table([name, 'address'], rows, context.colour),
  };
}

async function down(context: Context, name: string | undefined): Promise<Result> {
  const target = new LocalTarget(context);
  const known = await target.everUp();
  if (name !== undefined && !known.some(({ environment }) => environment === name)) {
    throw usage(`${name} was never up on this machine`, {
      details: [`known here: ${known.map(({ environment }) => environment).join(', ') || 'none'}`],
      fix: 'Leave ENV out to stop everything.',
    });
  }
  const stopped: string[] = [];
  for (const { app, environment } of known) {
    if (name !== undefined && environment !== name) continue;
    await context.reporter.step(`stopping ${environment} of ${app}`, () =>
      target.twin(app, environment).down(),
    );
    stopped.push(environment);
  }
  return {
    json: { stopped },
    text: stopped.length === 0 ? 'No environment was ever up here.' : `Stopped: ${stopped.join(', ')}.`,
  };
}
