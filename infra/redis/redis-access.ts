import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import { redisUserGroup, redisUserName } from '../stack/redis-user.ts';
import type { Stack } from '../stack/stack.ts';

export type RedisAccessArgs = { stack: Stack };

/**
 * Who may speak to Redis. Pulumi never knows a password: neither its program, nor its inputs, nor its state.
 *
 * The app's user is created switched off, and authenticates by IAM, which no role is allowed to use: nobody
 * can log in. `lockstep secret rotate-redis` then makes it a user with passwords (`ModifyUser`: at most two
 * at a time, so that one can be rotated while the other is in use) and gives it `appAccess`; these fields are
 * ignored here, so that no update takes that back. IAM wants the user's id and name to be the same. Hosts get
 * the password as the secret REDIS_PASSWORD, where the app declares it.
 *
 * The user `default`, as which a client without AUTH would speak, is replaced by one that is off and may do
 * nothing.
 *
 * Both are users of the engine `redis`: these serve Redis and Valkey alike, whereas a group of the engine
 * `valkey` would have to be replaced on the way back and takes no user without password, such as this
 * `default` ("Role-Based Access Control" in the ElastiCache guide). Replaced by a change of: id, name,
 * engine.
 */
export class RedisAccess extends pulumi.ComponentResource {
  readonly userName: string;
  readonly userGroupId: pulumi.Output<string>;

  constructor(name: string, { stack }: RedisAccessArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:RedisAccess', name, {}, options);
    const nobody = new aws.elasticache.User(
      `${name}-nobody`,
      {
        userId: physicalName(stack, 'nobody', 40),
        userName: 'default',
        engine: 'redis',
        accessString: 'off ~* -@all',
        authenticationMode: { type: 'no-password-required' },
        tags: stack.tags,
      },
      { parent: this },
    );
    this.userName = redisUserName(stack);
    const app = new aws.elasticache.User(
      `${name}-app`,
      {
        userId: this.userName,
        userName: this.userName,
        engine: 'redis',
        accessString: 'off ~* -@all',
        authenticationMode: { type: 'iam' },
        tags: stack.tags,
      },
      {
        parent: this,
        ignoreChanges: ['accessString', 'authenticationMode', 'passwords', 'noPasswordRequired'],
      },
    );
    const group = new aws.elasticache.UserGroup(
      `${name}-users`,
      {
        userGroupId: redisUserGroup(stack),
        engine: 'redis',
        userIds: [nobody.userId, app.userId],
        tags: stack.tags,
      },
      { parent: this },
    );
    this.userGroupId = group.userGroupId;
    this.registerOutputs({ userName: this.userName, userGroupId: this.userGroupId });
  }
}
