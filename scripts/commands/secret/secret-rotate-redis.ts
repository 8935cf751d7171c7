import type { Register } from '../../console/command.ts';
import { redisPasswordName } from '../../domain/app/redis-address.ts';
import { openTarget } from '../../targets/open-target.ts';
import { rotateRedis } from '../../workflows/rotate-redis.ts';

/** `lockstep secret rotate-redis`: the one secret that two sides must know. */
export const secretRotateRedis: Register = (verb, run) => {
  verb
    .command('rotate-redis')
    .summary("give the app's Redis user a new password")
    .description(
      "Generates a random password, lets ElastiCache accept it for the app's user besides the one in use, and only then stores it as\n" +
        `a new version of ${redisPasswordName}, which hosts get with the next order. The one in use stays valid until the next\n` +
        'rotation: do not rotate again before every host has the newest version. The first run enables the user.',
    )
    .argument('<environment>')
    .addHelpText('after', '\nExample: lockstep secret rotate-redis staging --target aws')
    .action(
      run(async (context, environment: string) => {
        const target = await openTarget(context);
        const { secrets, user } = await target.redisLogin(environment);
        const { version } = await rotateRedis({ environment, secrets, user, reporter: context.reporter });
        const before = version === 1 ? '' : ' The previous one stays valid until the next rotation.';
        return {
          json: { environment, name: redisPasswordName, version, user: user.name },
          text: `${environment}: ${redisPasswordName} of the Redis user ${user.name} is now version ${version}.${before} Hosts get it with the next order.`,
        };
      }),
    );
};
