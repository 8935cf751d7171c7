import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import examplePins from '../../../infra/pins.json' with { type: 'json' };
import { type Pins, pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { bundleAgent } from '../../../scripts/adapters/build/agent-bundle.ts';
import { publicPinnedBytes } from '../../../scripts/adapters/pins/pinned-bytes.ts';
import { sha256 } from '../../../scripts/domain/canonical.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { publishPins } from '../../../scripts/workflows/pins/publish-pins.ts';
import type { Reporter } from '../../../scripts/workflows/ports/reporter.ts';
import { MemoryStore } from '../../support/fakes/memory-store.ts';

const example = pinsSchema.parse(examplePins);
const { signal } = new AbortController();
const reporter: Reporter = { step: (_, work) => work(() => {}), info: () => {}, warn: () => {} };

/** With the real bundle of the agent; nodejs.org is a stand-in that has two short archives. */
describe('publishing pins', () => {
  const archives = { x64: 'archive of x64', arm64: 'archive of arm64' };
  let server: http.Server;
  let site: string;
  let asked: string[];
  let agent: Uint8Array;
  let store: MemoryStore;

  beforeAll(async () => {
    agent = (await bundleAgent()).bytes;
    server = http.createServer((request, response) => {
      asked.push(request.url ?? '');
      const [, , name] =
        /^\/dist\/v(24\.9\.0)\/node-v\1-linux-(x64|arm64)\.tar\.gz$/.exec(request.url ?? '') ?? [];
      const archive = Object.entries(archives).find(([each]) => each === name);
      response.writeHead(archive === undefined ? 404 : 200).end(archive?.[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    asked = [];
    store = new MemoryStore();
  });

  const pinsWith = (
    hosts: Partial<Pins['hosts']['node']['sha256']> & { agent?: string; version?: string } = {},
  ) => ({
    ...example,
    example: false,
    hosts: {
      agentSha256: hosts.agent ?? sha256(agent),
      node: {
        version: hosts.version ?? '24.9.0',
        sha256: {
          x86_64: hosts.x86_64 ?? sha256(archives.x64),
          arm64: hosts.arm64 ?? sha256(archives.arm64),
        },
      },
    },
  });
  const publish = (pins: Pins) =>
    publishPins(store, publicPinnedBytes(signal, site), { pins, reporter, signal });

  it('publishes what hosts need to start, under the keys by which they fetch it', async () => {
    const published = await publish(pinsWith());
    expect(published.map(({ state }) => state)).toEqual(['published', 'published', 'published']);
    expect([...store.objects.keys()].toSorted()).toEqual(
      [
        storeKeys.agent(sha256(agent)),
        storeKeys.runtime(sha256(archives.x64)),
        storeKeys.runtime(sha256(archives.arm64)),
      ].toSorted(),
    );
    for (const [key, { body }] of store.objects) expect(key).toContain(sha256(body));
    const boot = readFileSync(new URL('../../../infra/boot/boot.sh', import.meta.url), 'utf8');
    expect(boot).toContain(`fetch "${storeKeys.agent('$AGENT_SHA256')}"`);
    expect(boot).toContain(`fetch "${storeKeys.runtime('$NODE_SHA256')}"`);
  });

  it('leaves alone what is there, and downloads nothing for it', async () => {
    await publish(pinsWith());
    const before = structuredClone(store.objects);
    asked = [];
    expect((await publish(pinsWith())).map(({ state }) => state)).toEqual(
      Array.from({ length: 3 }, () => 'there already'),
    );
    expect(asked).toEqual([]);
    expect(store.objects).toEqual(before);
  });

  it('refuses an agent that is not the pinned one, before anything is downloaded', async () => {
    await expect(publish(pinsWith({ agent: 'a'.repeat(64) }))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('the host agent'),
      fix: expect.stringContaining('lockstep pins update'),
    });
    expect(asked).toEqual([]);
    expect(store.objects.size).toBe(0);
  });

  it('refuses an archive of other bytes, and publishes nothing of it', async () => {
    await expect(publish(pinsWith({ arm64: 'b'.repeat(64) }))).rejects.toMatchObject({
      kind: 'refused',
      details: [`pinned ${'b'.repeat(64)}`, `found  ${sha256(archives.arm64)}`],
    });
    expect(store.objects.has(storeKeys.runtime('b'.repeat(64)))).toBe(false);
  });

  it('says which download failed', async () => {
    await expect(publish(pinsWith({ version: '24.9.1' }))).rejects.toMatchObject({
      kind: 'errored',
      retry: true,
      message: expect.stringMatching(
        /node-v24\.9\.1-linux-x64\.tar\.gz can't be downloaded: it answered 404/,
      ),
    });
  });

  it('refuses pins that are examples, and a store that ignores its conditions', async () => {
    await expect(publish(example)).rejects.toMatchObject({
      kind: 'usage',
      fix: expect.stringContaining('lockstep pins update'),
    });
    store.putIfAbsent = async () => 'created';
    await expect(publish(pinsWith())).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('ignores its conditions'),
    });
  });
});
