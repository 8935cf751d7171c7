import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson, digestOf } from '../../../scripts/domain/canonical.ts';
import { receiptOf } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { HostRecords } from '../../../scripts/host/orders/host-records.ts';
import { readOrder, verifyOrder } from '../../../scripts/host/orders/verify-order.ts';
import { HostWorld } from '../../support/fakes/host-world.ts';
import type { OrderOptions } from '../../support/fakes/world-records.ts';

const files = { 'server.js': '' };
const app = { env: { GREETING: { pattern: '^good' }, PLACE: { perEnvironment: true, required: false } } };
const values = { GREETING: 'good day' };
const receipts = { role: 'receipts', environment: 'staging' } as const;

describe('a host with an upstream judges an order by itself', () => {
  let world: HostWorld;
  let release = '';
  beforeAll(async () => {
    world = await HostWorld.create({ upstream: 'staging' });
    release = await world.release(files, app);
  });
  afterAll(() => world.close());

  const judge = async (digest: string, options: OrderOptions = {}) => {
    const number = await world.order(digest, { values, ...options });
    return verifyOrder(world.host(), await readOrder(world.host(), number));
  };
  const basis = (order: number) => ({ kind: 'receipt', environment: 'staging', order }) as const;
  const override = { kind: 'override', reason: 'a test' } as const;
  /** A receipt of staging for what the last order asks for. */
  const receipt = async (order: number, change: { release?: string; sharedConfig?: string } = {}) => {
    const payload = {
      ...receiptOf({ ...world.lastOrder(), environment: 'staging', number: order }, [], new Date()),
      ...change,
    };
    await world.sign(storeKeys.receipt(world.app, 'staging', release, order), 'receipt', payload, receipts);
  };

  test('refuses a release that its upstream has not verified', async () => {
    await expect(judge(release)).rejects.toThrow('takes only what staging has verified');
    await expect(judge(release, { basis: basis(1) })).rejects.toThrow('no receipt for order 1 of staging');
    await expect(judge(release, { basis: { ...basis(1), environment: 'here' } })).rejects.toThrow(
      "this host's upstream is staging",
    );
  });

  test('takes a release on a receipt for the same bytes and the same shared values', async () => {
    await receipt(2);
    const verified = await judge(release, { basis: basis(2), values: { ...values, PLACE: 'other' } });
    expect(verified.release.digest).toBe(release);
    expect(verified.values).toEqual({ ...values, PLACE: 'other' });
  });

  test('refuses a receipt for other shared values, for another release, or signed by somebody else', async () => {
    await expect(judge(release, { basis: basis(2), values: { GREETING: 'good night' } })).rejects.toThrow(
      'its shared values are not those that staging verified',
    );
    await receipt(3, { release: digestOf('another') });
    await expect(judge(release, { basis: basis(3) })).rejects.toThrow('its receipt is for another release');
    const forged = receiptOf({ ...world.lastOrder(), environment: 'staging', number: 4 }, [], new Date());
    const key = storeKeys.receipt(world.app, 'staging', release, 4);
    await world.sign(key, 'receipt', forged, { role: 'orders', environment: 'here' });
    await expect(judge(release, { basis: basis(4) })).rejects.toThrow('not by the receipt key');
  });

  test('does not believe what an order says of its shared values', async () => {
    const wrong = { basis: override, sharedConfig: digestOf('others') };
    await expect(judge(release, wrong)).rejects.toThrow('digest of shared values is not that of its values');
  });

  test('goes back only to a committed order, with the same release, and to return also the same values', async () => {
    const first = world.lastOrder().number;
    await expect(judge(release, { basis: { kind: 'rollback', order: first } })).rejects.toThrow(
      'never committed',
    );
    await judge(release, { basis: override });
    const good = world.lastOrder().number;
    await world.outcome(good);
    await judge(release, { basis: { kind: 'rollback', order: good } });
    await judge(release, { basis: { kind: 'return', order: good } });
    const other = { GREETING: 'good evening' };
    await judge(release, { basis: { kind: 'rollback', order: good }, values: other });
    await expect(judge(release, { basis: { kind: 'return', order: good }, values: other })).rejects.toThrow(
      'had other env values',
    );
    const another = await world.release({ ...files, 'b.txt': 'b' }, app);
    await expect(judge(another, { basis: { kind: 'rollback', order: good } })).rejects.toThrow(
      'another release',
    );
  });

  test('refuses values that the manifest does not take, all at once', async () => {
    const wrong = { GREETING: 'bad', COLOUR: 'red' };
    await expect(judge(release, { basis: override, values: wrong })).rejects.toMatchObject({
      kind: 'refused',
      details: [
        expect.stringContaining('env value COLOUR is not declared'),
        'env value GREETING is "bad"; allowed: text that matches ^good',
      ],
    });
  });

  test('refuses what this machine can not run before it fetches anything', async () => {
    const elsewhere = await world.release(files, app, {
      architecture: 'other',
      libc: 'glibc 99.1',
      runtimes: { node: '1.2.3', 'no-such-runtime': '1' },
    });
    await expect(judge(elsewhere, { basis: override })).rejects.toMatchObject({
      details: [
        `built for other, this host is ${process.arch}`,
        expect.stringMatching(/^needs glibc 99\.1 or newer, this host has /),
        'needs no-such-runtime 1, this host has no no-such-runtime',
        `needs node 1.2.3, this host has node ${process.version.slice(1)}`,
      ],
    });
  });

  test('names bindings and secrets that it lacks, and a service that may run only once', async () => {
    const demanding = await world.release(files, {
      bindings: ['REDIS_URL', 'SHARED_DIR'],
      secrets: { API_KEY: { pattern: '^key-' }, TOKEN: {}, OTHER: {} },
      services: { bot: { command: ['node'], replicas: 'exactly-one' } },
    });
    await world.secrets({ API_KEY: { '1': 'hush' } });
    const secrets = [
      { name: 'API_KEY', version: 1 },
      { name: 'TOKEN', version: 2 },
    ];
    const judged = judge(demanding, { basis: override, values: {}, secrets });
    await expect(judged).rejects.toMatchObject({
      details: [
        'the app asks for the binding REDIS_URL, which this host does not have',
        expect.stringContaining('service bot may run exactly once'),
        "secret TOKEN version 2 is not in this environment's store, or was retired",
        'secret OTHER is declared by the app and not in the order',
        'secret API_KEY does not match ^key-',
      ],
    });
    await expect(judged).rejects.not.toThrow('hush');
  });

  test('refuses a release whose manifest or seal was changed in the store', async () => {
    const sealed = await world.release({ ...files, 'c.txt': 'c' }, app);
    const found = await world.store.get(storeKeys.releaseManifest(sealed));
    const changed = Buffer.from(
      String(Buffer.from(found?.body ?? [])).replace('"path":"c.txt"', '"path":"d.txt"'),
    );
    await world.store.putIfMatch(storeKeys.releaseManifest(sealed), changed, found?.etag ?? '');
    await expect(judge(sealed, { basis: override })).rejects.toThrow('was altered');
    await expect(judge(digestOf('never built'), { basis: override })).rejects.toThrow(
      'is missing from the store or incomplete',
    );
  });

  test('finds the last committed order from a hint that lies, high or low', async () => {
    const records = new HostRecords(world.host());
    const last = await records.lastCommitted();
    expect(last).toBeGreaterThan(1);
    for (const order of [1, 2, 1000]) {
      const key = storeKeys.committed(world.app, 'here');
      await world.store.delete(key);
      await world.store.putIfAbsent(key, Buffer.from(JSON.stringify({ order })));
      expect(await records.lastCommitted()).toBe(last);
    }
  });

  test('refuses env values that were written for another app or another environment', async () => {
    for (const place of [
      { app: 'other', environment: 'here' },
      { app: world.app, environment: 'staging' },
    ]) {
      const config = { ...place, values };
      await world.store.putIfAbsent(storeKeys.config(digestOf(config)), Buffer.from(canonicalJson(config)));
      await expect(judge(release, { basis: override, config: digestOf(config) })).rejects.toMatchObject({
        details: [`the env values are for ${place.app} in ${place.environment}`],
      });
    }
  });

  test('refuses an order that is not, or not any more, what was signed', async () => {
    await judge(release, { basis: override });
    const order = world.lastOrder();
    await expect(verifyOrder(world.host(), { ...order, tag: 'v9' })).rejects.toThrow(
      'changed while it was read',
    );
    const next = { ...order, number: order.number + 1 };
    await expect(verifyOrder(world.host(), next)).rejects.toThrow('changed while it was read');
  });

  test('says of a secret that is not there just that, whatever its pattern, and takes one without', async () => {
    const secretive = await world.release(
      { ...files, 's.txt': 's' },
      { secrets: { KEY: { pattern: '^key-' }, FREE: {} } },
    );
    await world.secrets({ FREE: { '1': 'anything' } });
    const secrets = [
      { name: 'KEY', version: 1 },
      { name: 'FREE', version: 1 },
      { name: 'LEFT_OVER', version: 1 },
    ];
    await expect(judge(secretive, { basis: override, values: {}, secrets })).rejects.toMatchObject({
      details: [
        expect.stringContaining('secret KEY version 1'),
        expect.stringContaining('secret LEFT_OVER version 1'),
        expect.stringContaining('secret LEFT_OVER is not declared'),
      ],
    });
  });

  test('shows nothing of a file of secrets that it can not read', async () => {
    await writeFile(world.provisioning.secrets.path, '{"API_KEY": hush');
    const secrets = [{ name: 'API_KEY', version: 1 }];
    await expect(judge(release, { basis: override, secrets })).rejects.not.toThrow('hush');
  });

  test('refuses an order that breaks the chain or was signed with another key', async () => {
    await expect(judge(release, { basis: override, previous: digestOf('another past') })).rejects.toThrow(
      'the chain is broken',
    );
    const { number, ...rest } = world.lastOrder();
    const key = storeKeys.order(world.app, 'here', number + 1);
    await world.sign(
      key,
      'order',
      { ...rest, number: number + 1 },
      { role: 'orders', environment: 'staging' },
    );
    await expect(readOrder(world.host(), number + 1)).rejects.toThrow('not by the order key');
    await expect(readOrder(world.host(), number + 2)).rejects.toThrow('there is no order');
  });
});
