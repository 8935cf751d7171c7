import { expect, test } from 'vitest';
import { HostWorld } from '../support/fakes/host-world.ts';
import { webServer } from '../support/fakes/world-records.ts';
import { peakOf, reportPeak } from '../support/run/peak-memory.ts';

/**
 * The bound for every release. With fewer files than the 20,000 it is meant for, which `npm run bench`
 * measures.
 */
const count = 4_000;
const limitMB = 96;

test(`a verb takes less than ${limitMB} MB with ${count} files (20,000 are measured by npm run bench)`, async () => {
  const world = await HostWorld.create();
  try {
    const files: Record<string, string> = { 'server.js': webServer };
    for (let n = 0; n < count; n++) files[`directory-${n % 50}/some-name-of-a-file-${n}.js`] = `content ${n}`;
    const order = await world.order(await world.release(files));
    // The first run of an agent on a host also compiles it, once.
    await world.run('logs', { service: null, lines: 1 });
    const peak = async (verb: string, request: unknown) => {
      const { megabytes, out } = await peakOf(world.spawn(verb, request, reportPeak));
      expect(JSON.parse(out).outcome).toBe('answer');
      return megabytes;
    };
    expect(await peak('stage', { order })).toBeLessThan(limitMB);
    await world.call('activate', { order });
    expect(await peak('attest', { nonce: 'n'.repeat(16) })).toBeLessThan(limitMB);
  } finally {
    await world.close();
  }
});
