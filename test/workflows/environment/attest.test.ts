import { expect, it } from 'vitest';
import { attest, newNonce } from '../../../scripts/workflows/environment/attest.ts';
import { runningStaging } from '../../support/fakes/running-staging.ts';

it('a host is asked with a nonce that no one has asked with before', async () => {
  const { staging } = await runningStaging();
  const [one, other] = [await attest(staging, 'staging-1'), await attest(staging, 'staging-1')];
  expect(one.nonce).toMatch(/^[0-9a-f]{32}$/);
  expect(one.nonce).not.toBe(other.nonce);
  expect(newNonce()).not.toBe(newNonce());
});

it('a nonce that several hosts have to answer is the one that they are asked with', async () => {
  const { staging } = await runningStaging();
  const nonce = newNonce();
  expect((await attest(staging, 'staging-2', nonce)).nonce).toBe(nonce);
});

it('an answer to another question, or in the name of another host, is not believed', async () => {
  const { staging } = await runningStaging();
  for (const fault of ['old-answer', 'other-host'] as const) {
    staging.fleet.fail('staging-1', fault);
    await expect(attest(staging, 'staging-1')).rejects.toMatchObject({
      kind: 'failed',
      message: 'staging-1 answered with an attestation that is not fresh or not its own',
    });
  }
});
