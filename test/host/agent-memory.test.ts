import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { HostWorld, webServer } from '../support/host-world.ts';

/**
 * What each file costs, on fewer files than the 20,000 for which a verb must stay below 96 MB: writing those takes
 * minutes on a busy machine.
 */
const count = 4_000;
const limitMiB = 84;

test(`a verb takes less than ${limitMiB} MiB with ${count} files`, async () => {
  const world = await HostWorld.create();
  try {
    const files: Record<string, string> = { 'server.js': webServer };
    for (let n = 0; n < count; n++) files[`directory-${n % 50}/some-name-of-a-file-${n}.js`] = `content ${n}`;
    const order = await world.order(await world.release(files));
    // The first run of an agent on a host also compiles it, once.
    await world.run('logs', { service: null, lines: 1 });
    expect(await peakMiB(world, 'stage', { order })).toBeLessThan(limitMiB);
    await world.call('activate', { order });
    expect(await peakMiB(world, 'attest', { nonce: 'n'.repeat(16) })).toBeLessThan(limitMiB);
  } finally {
    await world.close();
  }
}, 900_000);

async function peakMiB(world: HostWorld, verb: string, request: unknown): Promise<number> {
  const report = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS / 1024))';
  const child = world.spawn(verb, request, [
    '--import',
    `data:text/javascript,${encodeURIComponent(report)}`,
  ]);
  const [answer, peak] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(JSON.parse(answer).outcome).toBe('answer');
  return Number(peak);
}
