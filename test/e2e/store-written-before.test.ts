import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attestationSchema } from '../../scripts/domain/order/attestation.ts';
import { DirectoryStore } from '../../scripts/store/directory-store.ts';
import { readRecord } from '../../scripts/store/records.ts';
import { readRelease, readTag } from '../../scripts/store/releases.ts';
import { recordsOf } from '../../scripts/workflows/environment/environment-records.ts';
import { TinyProject } from '../support/apps/tiny-project.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

const fixtureSchema = z.strictObject({
  files: z.record(z.string(), z.string()),
  objects: z.record(z.string(), z.string()),
});

/**
 * A project and its store as version 0.1.0 left them: the tiny app, built as v1 and v2, in staging (v1, v2)
 * and in production (v1; v2 by an override; rolled back; promoted). Its keys are this test's own. Never
 * regenerate it: a store in the field can't be regenerated either.
 */
async function restore(place: string): Promise<void> {
  const text = await readFile(path.join(import.meta.dirname, '../fixtures/store-0.1.0.json'), 'utf8');
  const { files, objects } = fixtureSchema.parse(JSON.parse(text));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(place, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
  }
  await chmod(path.join(place, '.lockstep'), 0o700);
  const store = new DirectoryStore(path.join(place, '.lockstep/store'));
  for (const [key, content] of Object.entries(objects)) {
    const packed = content.startsWith('base64:');
    await store.putIfAbsent(
      key,
      Buffer.from(packed ? content.slice(7) : content, packed ? 'base64' : 'utf8'),
    );
  }
}

const whyNotHere =
  process.platform === 'linux' && process.arch === 'x64' ? null : 'its releases are for Linux on x64';

describe('a store that version 0.1.0 wrote', () => {
  let project: TinyProject;

  beforeAll(async () => {
    const place = await mkdtemp(path.join(os.tmpdir(), 'lockstep-before-'));
    project = TinyProject.at(place);
    await restore(project.project);
  });
  afterAll(async () => {
    await project.remove();
    await rm(project.place, { recursive: true, force: true });
  });

  it.each(['staging', 'production'])('is read whole, every signature checked: %s', async (name) => {
    const { environment } = await project.target().open(name, { lookOnly: true });
    const entries = await recordsOf(environment).orders(true);
    expect(entries.map(({ order }) => order.basis.kind)).toEqual(
      name === 'staging'
        ? ['first-in-chain', 'first-in-chain']
        : ['receipt', 'override', 'rollback', 'receipt'],
    );
    for (const { order, outcome } of entries) {
      expect(outcome).toMatchObject({ result: 'committed', order: order.number });
      expect(await recordsOf(environment).receipt(order.release, order.number)).toMatchObject({
        release: order.release,
      });
      expect((await recordsOf(environment).config(order.config)).app).toBe('tiny');
      const { manifest } = await readRelease(environment.ports, 'tiny', order.release);
      expect(Object.keys(manifest.app.services)).toEqual(['web']);
    }
    for (const tag of ['v1', 'v2']) {
      expect((await readTag(environment.ports.store, 'tiny', tag)).tag).toBe(tag);
    }
    const key = `apps/tiny/environments/${name}/hosts/${name}-1.json`;
    expect((await readRecord(environment.ports.store, key, attestationSchema))?.value.order).toBe(
      entries.length,
    );
  });

  it(
    'goes on: hosts boot by its last order, and production is rolled back to what it ran before',
    skippedBecause(whyNotHere),
    async () => {
      await project.expect(0, 'local', 'up', 'production');
      await project.expect(0, 'status', 'production');
      await project.expect(0, 'rollback', 'production');
      const { stdout } = await project.expect(0, 'history', 'production', '--json');
      const { orders } = z
        .object({ orders: z.array(z.object({ order: z.unknown(), outcome: z.unknown() })) })
        .parse(JSON.parse(stdout));
      expect(orders).toHaveLength(5);
      expect(orders[4]).toMatchObject({
        order: { tag: 'v1', basis: { kind: 'rollback', order: 1 } },
        outcome: { result: 'committed' },
      });
    },
  );
});
