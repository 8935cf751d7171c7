import { setTimeout as wait } from 'node:timers/promises';
import { appAccess, redisUserGroup, redisUserName } from '../../../infra/stack/redis-user.ts';
import { errored, refused } from '../../domain/errors.ts';
import { elementIn } from '../../store/s3/aws-answer.ts';
import type { RedisUser } from '../../workflows/ports/secrets.ts';
import { type AwsAnswer, AwsService, type AwsWorld } from './aws-service.ts';

const version = '2015-02-02';
const pauseMilliseconds = 2_000;
/** Ten minutes: a change goes to every node of the group. */
const mostLooks = 300;
const changing = ['InvalidUserState', 'InvalidUserStateFault'];
const missing = ['UserNotFound', 'UserNotFoundFault', 'UserGroupNotFound', 'UserGroupNotFoundFault'];

/**
 * The app's user in ElastiCache, which the cloud program declares switched off. `accept` gives it passwords,
 * at most two, and switches it on (ModifyUser); it returns when ElastiCache says of user and group that they
 * are active again, which is when nodes know it. Sent twice it does the same.
 */
export class RedisAppUser implements RedisUser {
  readonly name: string;
  readonly #group: string;
  readonly #environment: string;
  readonly #service: AwsService;
  readonly #pause: (milliseconds: number) => Promise<void>;

  constructor(at: { app: string; environment: string; region: string }, world: AwsWorld) {
    this.name = redisUserName(at);
    this.#group = redisUserGroup(at);
    this.#environment = at.environment;
    this.#service = new AwsService('elasticache', at.region, world);
    this.#pause = world.pause ?? ((milliseconds) => wait(milliseconds, undefined, { signal: world.signal }));
  }

  async accept(passwords: readonly string[]): Promise<void> {
    const members = passwords.map((password, index) => [
      `AuthenticationMode.Passwords.member.${index + 1}`,
      password,
    ]);
    const input = {
      UserId: this.name,
      AccessString: appAccess,
      'AuthenticationMode.Type': 'password',
      ...Object.fromEntries(members),
    };
    for (let looked = 0; looked < mostLooks; looked++) {
      await this.#waitActive();
      const { code } = await this.#ask('ModifyUser', input, passwords);
      if (!changing.includes(code)) return await this.#waitActive();
      await this.#pause(pauseMilliseconds);
    }
    throw this.#stillChanging();
  }

  /** ElastiCache offers nothing to wait on. */
  async #waitActive(): Promise<void> {
    for (let looked = 0; looked < mostLooks; looked++) {
      const user = await this.#ask('DescribeUsers', { UserId: this.name });
      const group = await this.#ask('DescribeUserGroups', { UserGroupId: this.#group });
      if ([user, group].every(({ body }) => elementIn(body, 'Status') === 'active')) return;
      await this.#pause(pauseMilliseconds);
    }
    throw this.#stillChanging();
  }

  async #ask(
    action: string,
    input: Readonly<Record<string, string>>,
    hidden: readonly string[] = [],
  ): Promise<AwsAnswer> {
    const understood = [...changing, ...missing];
    const answer = await this.#service.query(
      { action, version, doing: `${action} of ${this.name}`, hidden, understood },
      input,
    );
    if (!missing.includes(answer.code)) return answer;
    throw refused(`ElastiCache has no user ${this.name} in a group ${this.#group}`, {
      fix: `The cloud program makes both: pulumi up -s ${this.#environment}.`,
    });
  }

  #stillChanging() {
    return errored(`ElastiCache is still changing the user ${this.name}`, {
      fix: 'Run the command again in a while: it starts over, and what is in use stays valid.',
      retry: true,
    });
  }
}
