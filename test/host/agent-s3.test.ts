import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../scripts/store/object-store.ts';
import { HostWorld } from '../support/fakes/host-world.ts';
import { webServer } from '../support/fakes/world-records.ts';
import { peakOf, reportPeak } from '../support/run/peak-memory.ts';
import { skippedBecause, whyMissing } from '../support/run/skipped-because.ts';
import { Ministack, whyNoMinistack } from '../support/servers/ministack.ts';
import { newBucket } from '../support/servers/ministack-bucket.ts';
import { TlsFront } from '../support/servers/tls-front.ts';

const why = whyMissing('openssl') ?? whyNoMinistack();
/** As for a store on disk (agent-memory.test.ts). */
const limitMB = 96;
const files = 4_000;

/** The bundled agent as a process of its own, its release store in an emulator of S3, over TLS as S3 is. */
describe('an agent whose release store is in S3', skippedBecause(why), () => {
  let emulator: Ministack;
  let world: HostWorld;
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  let front: TlsFront;

  beforeAll(async () => {
    emulator = await Ministack.start();
    world = await HostWorld.create();
    bucket = await newBucket(emulator.endpoint);
    front = await TlsFront.start(emulator.endpoint);
    world.environment = {
      ...bucket.environment,
      AWS_ENDPOINT_URL: front.endpoint,
      NODE_EXTRA_CA_CERTS: front.certificate,
    };
    await world.provision({ store: { kind: 's3', ...bucket.place } });
  });
  afterAll(async () => {
    await world.close();
    await front.stop();
    await emulator.stop();
  });

  it('boots idle where nothing was committed, as a new host on EC2 does', async () => {
    await world.provision({
      supervisor: 'systemd',
      secrets: { kind: 'aws', path: '/lockstep/tiny/here/', region: 'eu-central-1' },
    });
    expect(await world.run('boot', {})).toMatchObject({
      code: 0,
      output: { outcome: 'answer', answer: { order: null, healthy: true } },
    });
    await world.provision({
      supervisor: 'local',
      secrets: { kind: 'file', path: path.join(world.directory, 'secrets.json') },
    });
  });

  it('says what is missing: a bucket, credentials', async () => {
    await world.provision({ store: { kind: 's3', ...bucket.place, bucket: 'lockstep-store-nowhere' } });
    expect(await world.run('boot', {})).toMatchObject({
      code: 4,
      output: { kind: 'errored', fix: expect.stringContaining('lockstep bootstrap') },
    });
    await world.provision({ store: { kind: 's3', ...bucket.place } });
    const right = world.environment;
    world.environment = {
      AWS_ENDPOINT_URL: emulator.endpoint,
      // Nobody listens on the port of "discard".
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
    };
    expect(await world.run('boot', {})).toMatchObject({
      code: 4,
      output: { kind: 'errored', message: expect.stringContaining('there are no AWS credentials') },
    });
    world.environment = right;
  });

  it(`fetches, starts and attests a release, and takes less than ${limitMB} MB with ${files} files`, async () => {
    const contents: Record<string, string> = { 'server.js': webServer };
    for (let n = 0; n < files; n++) contents[`directory-${n % 50}/some-name-${n}.js`] = `content ${n}`;
    const order = await world.order(await world.release(contents));
    await copyAll(world.store, bucket.open());
    // The first run of an agent on a host also compiles it, once.
    await world.run('logs', { service: null, lines: 1 });
    const { megabytes, out } = await peakOf(world.spawn('stage', { order }, reportPeak));
    expect(JSON.parse(out)).toMatchObject({ outcome: 'answer', answer: { filesReused: 0 } });
    expect(megabytes).toBeLessThan(limitMB);
    expect(await world.run('activate', { order })).toMatchObject({ output: { answer: { healthy: true } } });
    const attested = await peakOf(world.spawn('attest', { nonce: 'n'.repeat(16) }, reportPeak));
    expect(JSON.parse(attested.out).outcome).toBe('answer');
    expect(attested.megabytes).toBeLessThan(limitMB);
  });
});

async function copyAll(from: ObjectStore, to: ObjectStore): Promise<void> {
  for (const prefix of ['packs/', 'releases/', 'configs/', 'apps/']) {
    for await (const { key } of from.list(prefix)) {
      const object = await from.get(key);
      if (object !== undefined) await to.putIfAbsent(key, object.body);
    }
  }
}
