import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { idOf } from '../../../scripts/adapters/aws/aws-secrets.ts';
import { secretStoreContract } from '../../support/contracts/secret-store-contract.ts';
import { skippedBecause, whyMissing } from '../../support/run/skipped-because.ts';
import { LosingProxy } from '../../support/servers/losing-proxy.ts';
import { Ministack, whyNoMinistack } from '../../support/servers/ministack.ts';
import { type EmulatedSecrets, emulatedSecrets } from '../../support/servers/ministack-secrets.ts';

const why = whyMissing('curl') ?? whyNoMinistack();
const noPause = { pause: async () => {} };

/**
 * The emulator refuses a label that another version bears; it checks no permission, no signature, no key and
 * no limit.
 */
describe(
  'Secrets Manager, in an emulator that proves the calls but not IAM, KMS or limits',
  skippedBecause(why),
  () => {
    let emulator: Ministack;
    let proxy: LosingProxy;
    let world: EmulatedSecrets;
    beforeAll(async () => {
      emulator = await Ministack.start();
    });
    afterAll(() => emulator.stop());
    beforeEach(async () => {
      proxy = new LosingProxy(emulator.endpoint);
      world = await emulatedSecrets(await proxy.start());
    });
    afterEach(async () => {
      await world.remove();
      await proxy.stop();
    });

    secretStoreContract('AWS', () => emulatedSecrets(emulator.endpoint));

    const counted = (action: string) => proxy.seen.filter((call) => call.action === action);

    test('a new secret is encrypted with the key of its environment and tagged as the program tags', async () => {
      const warnings: string[] = [];
      const secrets = world.open({ warn: (text) => warnings.push(text) });
      await secrets.set('staging', 'KEY', 'hunter2');
      await secrets.set('staging', 'KEY', 'hunter3');
      expect(warnings).toEqual([
        expect.stringContaining('import it (pulumi import) before the next pulumi up'),
      ]);
      const [created] = counted('CreateSecret').map(({ body }) => JSON.parse(body));
      const { app } = world.place;
      expect(created).toMatchObject({
        Name: `/lockstep/${app}/staging/secrets/KEY`,
        KmsKeyId: `alias/lockstep-${app}-staging`,
        Tags: [
          { Key: 'lockstep:app', Value: app },
          { Key: 'lockstep:environment', Value: 'staging' },
        ],
      });
      expect(JSON.stringify(created)).not.toContain('hunter2');
    });

    test('an answer that was lost is asked for again with the same token, and makes one version', async () => {
      proxy.faults.push({ action: 'PutSecretValue', how: 'lose answer' });
      proxy.faults.push({ action: 'UpdateSecretVersionStage', how: 'lose answer' });
      proxy.faults.push({ action: 'CreateSecret', how: 'lose answer' });
      expect(await world.open(noPause).set('staging', 'KEY', 'value')).toBe(1);
      const tokens = counted('PutSecretValue').map(({ body }) => JSON.parse(body).ClientRequestToken);
      expect(tokens).toHaveLength(2);
      expect(new Set(tokens).size).toBe(1);
      expect(await world.open().current('staging')).toEqual([{ name: 'KEY', version: 1 }]);
    });

    test('a number that somebody else takes between reading and writing keeps their value', async () => {
      await world.open().set('staging', 'KEY', 'one');
      const does = () => world.open().set('staging', 'KEY', 'theirs');
      proxy.faults.push({ action: 'UpdateSecretVersionStage', how: 'meanwhile', does });
      expect(await world.open().set('staging', 'KEY', 'mine')).toBe(3);
      expect(await world.read({ name: 'KEY', version: 2 })).toEqual({ KEY: 'theirs' });
      expect(await world.read({ name: 'KEY', version: 3 })).toEqual({ KEY: 'mine' });
    });

    test('the same value from two people at once is one version', async () => {
      const does = () => world.open().set('staging', 'KEY', 'same');
      proxy.faults.push({ action: 'UpdateSecretVersionStage', how: 'meanwhile', does });
      expect(await world.open().set('staging', 'KEY', 'same')).toBe(1);
      expect(await world.open().current('staging')).toEqual([{ name: 'KEY', version: 1 }]);
    });

    test('AWSCURRENT, which people see in the console, ends at the newest number', async () => {
      await world.open().set('staging', 'KEY', 'one');
      const does = () => world.open().set('staging', 'KEY', 'theirs');
      proxy.faults.push({ action: 'UpdateSecretVersionStage', how: 'meanwhile', does });
      await world.open().set('staging', 'KEY', 'mine');
      const described = await fetch(emulator.endpoint, {
        method: 'POST',
        headers: {
          'x-amz-target': 'secretsmanager.DescribeSecret',
          authorization:
            'AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0',
        },
        body: JSON.stringify({ SecretId: idOf(world.place, 'KEY') }),
      });
      expect(Object.values(JSON.parse(await described.text()).VersionIdsToStages)).toContainEqual(
        expect.arrayContaining(['AWSCURRENT', 'v3']),
      );
    });

    test('the newest 18 versions stay, and the oldest is retired for one more', async () => {
      const secrets = world.open();
      for (let n = 1; n <= 20; n++) expect(await secrets.set('staging', 'KEY', `value ${n}`)).toBe(n);
      const kept = await Promise.all(
        [1, 2, 3, 20].map((version) => secrets.has('staging', { name: 'KEY', version })),
      );
      expect(kept).toEqual([false, false, true, true]);
      expect(await world.read({ name: 'KEY', version: 2 }, { name: 'KEY', version: 3 })).toEqual({
        KEY: 'value 3',
      });
    });

    test('a name that is not declared is refused: no host could read it', async () => {
      const error = await world
        .open()
        .set('staging', 'OTHER', 'hunter2')
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        kind: 'refused',
        message: 'OTHER is not declared: hosts of staging could not read it',
        fix: expect.stringContaining('app.secrets'),
      });
      expect(counted('CreateSecret')).toEqual([]);
    });

    test('credentials of another account are refused before anything is asked of secrets', async () => {
      const credentials = async () => ({ accessKeyId: '444455556666', secretAccessKey: 'test' });
      await expect(world.open({ credentials }).set('staging', 'KEY', 'value')).rejects.toMatchObject({
        kind: 'refused',
        message: 'these credentials belong to account 444455556666; staging is in 111122223333',
      });
      expect(proxy.seen.map(({ action }) => action)).toEqual(['GetCallerIdentity']);
    });

    test('a refusal is told with what AWS said, unless that repeats the value', async () => {
      await world.open().set('staging', 'KEY', 'one');
      const denied = (message: string) =>
        JSON.stringify({ __type: 'com.amazonaws.secretsmanager#AccessDeniedException', Message: message });
      const set = () =>
        world
          .open(noPause)
          .set('staging', 'KEY', 'hunter2')
          .catch((thrown: unknown) => thrown);
      proxy.faults.push({ action: 'PutSecretValue', how: 'answer', status: 400, body: denied('not you') });
      expect(await set()).toMatchObject({
        kind: 'errored',
        message: "AWS doesn't allow storing KEY: AccessDeniedException",
        details: ['not you'],
        fix: expect.stringContaining('secretsmanager:PutSecretValue'),
      });
      proxy.faults.push({
        action: 'PutSecretValue',
        how: 'answer',
        status: 400,
        body: denied('not hunter2'),
      });
      const error = await set();
      expect(error).toMatchObject({ kind: 'errored', details: [] });
      expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
    });
  },
);
