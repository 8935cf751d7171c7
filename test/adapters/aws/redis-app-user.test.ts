import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwsService } from '../../../scripts/adapters/aws/aws-service.ts';
import { RedisAppUser } from '../../../scripts/adapters/aws/redis-app-user.ts';
import { hostCredentials } from '../../../scripts/store/s3/aws-credentials.ts';
import { skippedBecause } from '../../support/run/skipped-because.ts';
import { LosingProxy, type ProxyFault } from '../../support/servers/losing-proxy.ts';
import { Ministack, whyNoMinistack } from '../../support/servers/ministack.ts';
import { emulatedAws } from '../../support/servers/ministack-bucket.ts';

const why = whyNoMinistack();
const at = { app: 'sample', environment: 'staging', region: 'eu-central-1' };

/**
 * The emulator keeps the access string; passwords are seen in the request alone, and no Redis is behind it.
 */
describe('the Redis user in an emulator that proves the calls but not passwords', skippedBecause(why), () => {
  let emulator: Ministack;
  let proxy: LosingProxy;
  let user: RedisAppUser;
  let ask: (action: string, input: Record<string, string>) => Promise<string>;
  beforeAll(async () => {
    emulator = await Ministack.start();
  });
  afterAll(() => emulator.stop());
  beforeEach(async () => {
    proxy = new LosingProxy(emulator.endpoint);
    const environment = emulatedAws(await proxy.start());
    const world = { environment, credentials: hostCredentials({ environment }), pause: async () => {} };
    user = new RedisAppUser(at, world);
    const service = new AwsService('elasticache', at.region, world);
    ask = async (action, input) => {
      const { body } = await service.query({ action, version: '2015-02-02', doing: action }, input);
      return new TextDecoder().decode(body);
    };
  });
  afterEach(() => proxy.stop());

  const modified = () =>
    proxy.seen
      .filter(({ action }) => action === 'ModifyUser')
      .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  const failing = (action: string, code: string, status: number, message = ''): ProxyFault => ({
    action,
    how: 'answer',
    status,
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  });
  const password = 'hunter2-hunter2-hunter2';

  test('that the cloud program has not made yet is refused, with what makes it', async () => {
    await expect(user.accept([password])).rejects.toMatchObject({
      kind: 'refused',
      message: 'ElastiCache has no user sample-staging-app in a group sample-staging-users',
      fix: 'The cloud program makes both: pulumi up -s staging.',
    });
    expect(modified()).toEqual([]);
  });

  describe('as the cloud program declares it', () => {
    beforeAll(async () => {
      const environment = emulatedAws(emulator.endpoint);
      const service = new AwsService('elasticache', at.region, {
        environment,
        credentials: hostCredentials({ environment }),
      });
      const make = (action: string, input: Record<string, string>) =>
        service.query({ action, version: '2015-02-02', doing: action }, input);
      const UserId = 'sample-staging-app';
      const born = { Engine: 'redis', AccessString: 'off ~* -@all', 'AuthenticationMode.Type': 'iam' };
      await make('CreateUser', { UserId, UserName: UserId, ...born });
      const group = { UserGroupId: 'sample-staging-users', Engine: 'redis', 'UserIds.member.1': UserId };
      await make('CreateUserGroup', group);
    });

    test('is switched on with at most two passwords', async () => {
      await user.accept([password, 'the-one-in-use-until-now']);
      expect(modified()).toEqual([
        {
          Action: 'ModifyUser',
          Version: '2015-02-02',
          UserId: 'sample-staging-app',
          AccessString: 'on ~* &* +@all -@admin -@dangerous +info',
          'AuthenticationMode.Type': 'password',
          'AuthenticationMode.Passwords.member.1': password,
          'AuthenticationMode.Passwords.member.2': 'the-one-in-use-until-now',
        },
      ]);
      expect(await ask('DescribeUsers', { UserId: 'sample-staging-app' })).toContain('<AccessString>on ~* &');
    });

    test('is waited for while it changes, before and after', async () => {
      const changing = (action: string) =>
        proxy.faults.push({ action, how: 'answer', status: 200, body: '<Status>modifying</Status>' });
      changing('DescribeUsers');
      proxy.faults.push(failing('ModifyUser', 'InvalidUserState', 400));
      proxy.faults.push({
        action: 'ModifyUser',
        how: 'meanwhile',
        does: async () => changing('DescribeUserGroups'),
      });
      await user.accept([password]);
      expect(modified()).toHaveLength(2);
      const after = proxy.seen.slice(proxy.seen.findLastIndex(({ action }) => action === 'ModifyUser') + 1);
      expect(after.map(({ action }) => action)).toEqual([
        ...['DescribeUsers', 'DescribeUserGroups', 'DescribeUsers', 'DescribeUserGroups'],
      ]);
    });

    test('takes a change whose answer was lost once more', async () => {
      proxy.faults.push({ action: 'ModifyUser', how: 'lose answer' });
      await user.accept([password]);
      expect(modified()).toHaveLength(2);
    });

    test('shows no password when ElastiCache refuses one', async () => {
      proxy.faults.push(failing('ModifyUser', 'InvalidParameterValue', 400, `no ${password}`));
      const error = await user.accept([password]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        kind: 'errored',
        message: 'ElastiCache answered 400 to ModifyUser of sample-staging-app: InvalidParameterValue',
      });
      expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
    });
  });
});
