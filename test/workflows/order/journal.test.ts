import { expect, it } from 'vitest';
import { journalEntrySchema } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { readRecord } from '../../../scripts/store/records.ts';
import { Journal, unfinishedSteps } from '../../../scripts/workflows/order/journal.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

function open() {
  const environment = fakeEnvironment(fakeWorld(), 'staging');
  const { store } = environment.ports;
  const entry = async (step: string) =>
    (await readRecord(store, storeKeys.journalEntry('shop', 'staging', 7, step), journalEntrySchema))?.value;
  return { environment, journal: new Journal(environment, 7, 'run-1'), entry };
}

it('an intent is in the journal before the work begins, and the result after it', async () => {
  const { environment, journal, entry } = open();
  const answer = await journal.during('stage', 'fetch', ['a', 'b'], async () => {
    expect(await entry('0001-stage')).toEqual({
      step: 'stage',
      run: 'run-1',
      intent: 'fetch',
      hosts: ['a', 'b'],
      result: null,
      at: environment.ports.clock.now().toISOString(),
    });
    expect(await entry('0001-stage-done')).toBeUndefined();
    return 'done it';
  });
  expect(answer).toBe('done it');
  expect(await entry('0001-stage-done')).toMatchObject({
    intent: 'fetch',
    hosts: ['a', 'b'],
    result: 'done',
  });
});

it('a failure is written, in few words, and thrown on', async () => {
  const { journal, entry } = open();
  const work = journal.during('switch', 'switch', ['a'], () =>
    Promise.reject(new Error(`boom${'!'.repeat(999)}`)),
  );
  await expect(work).rejects.toThrow('boom');
  const failed = await entry('0001-switch-failed');
  expect(failed?.result).toHaveLength(500);
  expect(failed).toMatchObject({ hosts: ['a'], intent: 'switch' });
  expect(await entry('0001-switch-done')).toBeUndefined();
});

it('what a deployer was doing when it died is what was begun and never ended', async () => {
  const { environment, journal } = open();
  await journal.during('stage', 'fetch', ['a'], async () => undefined);
  await journal
    .during('switch-a', 'switch', ['a'], () => Promise.reject(new Error('boom')))
    .catch(() => undefined);
  void journal.during('switch-b', 'switch', ['b'], () => new Promise(() => undefined));
  void journal.during('switch-c', 'switch', ['c'], () => new Promise(() => undefined));
  await new Promise((resolve) => setImmediate(resolve));
  const open7 = await unfinishedSteps(environment, 7);
  expect(open7.map(({ step, hosts }) => [step, hosts])).toEqual([
    ['switch-b', ['b']],
    ['switch-c', ['c']],
  ]);
  expect(await unfinishedSteps(environment, 8)).toEqual([]);
});
