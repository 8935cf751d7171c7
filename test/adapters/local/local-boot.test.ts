import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHost } from '../../../scripts/adapters/local/local-boot.ts';
import { systemClock } from '../../../scripts/adapters/terminal/system-clock.ts';
import type { Attestation } from '../../../scripts/domain/order/attestation.ts';
import type { Order } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { writeSigned } from '../../../scripts/store/records.ts';
import { FakeTraffic } from '../../support/fakes/fake-traffic.ts';
import { MemorySigner } from '../../support/fakes/memory-signer.ts';
import { MemoryStore } from '../../support/fakes/memory-store.ts';

const [release, config] = ['1'.repeat(64), '2'.repeat(64)];
const at = '2026-01-02T03:04:05.678Z';
const order: Order = {
  app: 'sample',
  environment: 'here',
  number: 1,
  previous: null,
  release,
  tag: 'v1',
  config,
  sharedConfig: config,
  secrets: [],
  basis: { kind: 'first-in-chain' },
  by: 'ann',
  at,
};
const inStep: Omit<Attestation, 'nonce'> = {
  app: 'sample',
  environment: 'here',
  host: 'here-1',
  at,
  fence: 1,
  order: 1,
  release,
  damage: { changed: [], missing: [], extra: [], count: 0 },
  config,
  configValues: {},
  secrets: [],
  bindings: {},
  runtimes: {},
  osPackages: null,
  activatedAt: at,
  processes: [{ service: 'web', pid: 1, startedAt: at, restarts: 0, lastExit: null }],
  sharedDirectory: null,
  agent: release,
};

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'lockstep-boot-'));
  await mkdir(path.join(root, 'agent'));
});
afterAll(() => rm(root, { recursive: true }));

/** Starts a host whose agent says that it booted by order 1, and attests `says`. */
async function start(says: Partial<Attestation>, signedBy: 'here' | 'elsewhere' = 'here') {
  const [store, signer, traffic] = [new MemoryStore(), new MemorySigner(), new FakeTraffic()];
  await writeSigned(store, storeKeys.order('sample', 'here', 1), 'order', order, (kind, digest) =>
    signer.sign({ role: 'orders', environment: signedBy }, kind, digest),
  );
  await writeFile(
    path.join(root, 'agent', 'stub.mjs'),
    `const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const answers = {
  boot: () => ({ order: 1, healthy: true }),
  attest: ({ nonce }) => ({ nonce, ...${JSON.stringify({ ...inStep, ...says })} }),
};
const answer = answers[process.argv[2]](JSON.parse(Buffer.concat(chunks).toString()));
console.log(JSON.stringify({ outcome: 'answer', answer }));`,
  );
  const problems = await startHost(
    { app: 'sample', environment: 'here', host: 'here-1', root, agent: 'stub' },
    { store, signer, traffic, clock: systemClock, environment: process.env },
  );
  return { problems, inRotation: traffic.in.has('here-1') };
}

test('a host that attests what its order says enters rotation', async () => {
  expect(await start({})).toEqual({ problems: [], inRotation: true });
});

test.each<[string, Partial<Attestation>]>([
  ['runs release 2222', { release: config }],
  ['server.js changed', { damage: { ...inStep.damage, changed: ['server.js'], count: 1 } }],
  ['env values differ from those ordered', { config: release }],
  ['secret versions differ from those ordered', { secrets: [{ name: 'API_KEY', version: 1, hash: null }] }],
  ['is at order 2', { order: 2 }],
  ['runs no process', { processes: [] }],
])('a host stays out of rotation, and says why: %s', async (words, says) => {
  const { problems, inRotation } = await start(says);
  expect(problems).toEqual([
    expect.stringContaining('here-1 stays out of rotation: it differs from order 1'),
  ]);
  expect(problems[0]).toContain(words);
  expect(inRotation).toBe(false);
});

test('a host stays out of rotation when its attestation is not fresh or not its own', async () => {
  expect(await start({ nonce: 'an older question' })).toEqual({
    problems: ['here-1 stays out of rotation: its attestation is not fresh or not its own'],
    inRotation: false,
  });
});

test('a host stays out of rotation when its order is signed by another key', async () => {
  const { problems, inRotation } = await start({}, 'elsewhere');
  expect(problems).toEqual([expect.stringContaining('is not by the order key')]);
  expect(inRotation).toBe(false);
});
