import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseAppManifest } from '../scripts/adapters/settings/app-manifest-file.ts';
import { generateSettings } from '../scripts/rehearsal/generated-settings.ts';
import { HostWorld } from '../test/support/fakes/host-world.ts';
import { peakOf, reportPeak, reportPeakOfAll } from '../test/support/run/peak-memory.ts';
import { benchManifest, createRepository } from './repository.ts';

/**
 * The most memory that a build and an agent's verbs take with the largest release that is promised, beside
 * their bounds.
 */
const { values } = parseArgs({
  options: { files: { type: 'string', default: '20000' }, megabytes: { type: 'string', default: '500' } },
});
const files = Number(values.files);
const root = path.join(import.meta.dirname, '..');

function line(what: string, megabytes: number, bound: number): void {
  const ratio = (megabytes / bound).toFixed(2);
  console.log(`${what}: ${megabytes.toFixed(0)} MB at most; bound: ${bound} MB; ratio ${ratio}`);
}

async function measureBuild(): Promise<void> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'lockstep-bench-'));
  try {
    const app = path.join(place, 'app');
    createRepository(app, files, Math.floor((Number(values.megabytes) * 1_000_000) / files));
    const settings = generateSettings({ manifest: parseAppManifest(benchManifest), llm: null });
    for (const [name, text] of Object.entries(settings)) writeFileSync(path.join(place, name), text);
    const verb = ['scripts/lockstep.mjs', 'build', 'v1', '--app', app, '--project', place, '--json'];
    const child = spawn(process.execPath, verb, {
      cwd: root,
      env: { ...process.env, ...reportPeakOfAll },
    });
    const { megabytes, code, out } = await peakOf(child);
    if (code !== 0) throw new Error(out);
    line(`build of ${files} files, ${values.megabytes} MB`, megabytes, 250);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function measureAgent(): Promise<void> {
  const world = await HostWorld.create();
  try {
    const content: Record<string, string> = {};
    for (let n = 0; n < files; n++)
      content[`directory-${n % 100}/some-name-of-a-file-${n}.js`] = `content ${n}`;
    content['one-large-file.txt'] = randomBytes(32_000_000).toString('hex');
    // No service to start: what counts is the tree.
    const release = await world.release(content, { services: { job: { command: ['sleep', '1000'] } } });
    const order = await world.order(release);
    const peak = async (verb: string, request: unknown) => {
      const { megabytes, out } = await peakOf(world.spawn(verb, request, reportPeak));
      if (JSON.parse(out).outcome !== 'answer') throw new Error(out);
      line(`${verb} with ${files} files, one of 64 MB`, megabytes, 96);
    };
    await peak('stage', { order });
    await world.call('activate', { order });
    await peak('attest', { nonce: 'n'.repeat(16) });
  } finally {
    await world.close();
  }
}

await measureAgent();
await measureBuild();
