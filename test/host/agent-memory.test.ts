import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { HostWorld } from '../support/host-world.ts';
import { webServer } from '../support/world-records.ts';

/** The bound for every release. With fewer files than the 20,000 it is meant for: writing those takes minutes on a busy machine. */
const count = 4_000;
const limitMB = 96;

test(`a verb takes less than ${limitMB} MB with ${count} files (with 20,000 it is not shown here)`, async () => {
  const world = await HostWorld.create();
  try {
    const files: Record<string, string> = { 'server.js': webServer };
    for (let n = 0; n < count; n++) files[`directory-${n % 50}/some-name-of-a-file-${n}.js`] = `content ${n}`;
    const order = await world.order(await world.release(files));
    // The first run of an agent on a host also compiles it, once.
    await world.run('logs', { service: null, lines: 1 });
    expect(await peakMB(world, 'stage', { order })).toBeLessThan(limitMB);
    await world.call('activate', { order });
    expect(await peakMB(world, 'attest', { nonce: 'n'.repeat(16) })).toBeLessThan(limitMB);
  } finally {
    await world.close();
  }
}, 900_000);

async function peakMB(world: HostWorld, verb: string, request: unknown): Promise<number> {
  const report = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS * 1024 / 1e6))';
  const child = world.spawn(verb, request, [
    '--import',
    `data:text/javascript,${encodeURIComponent(report)}`,
  ]);
  const [answer, peak] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(JSON.parse(answer).outcome).toBe('answer');
  return Number(peak);
}
