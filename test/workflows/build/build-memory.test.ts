import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseAppManifest } from '../../../scripts/adapters/settings/app-manifest-file.ts';
import { generateSettings } from '../../../scripts/rehearsal/generated-settings.ts';
import { AppRepository, appYaml } from '../../support/apps/app-repository.ts';
import { peakOf, reportPeakOfAll } from '../../support/run/peak-memory.ts';

/** Fewer files than the 20,000 that `npm run bench` holds against the same bound. */
const limitMB = 250;
const [files, largestMB] = [2_000, 64];
const launcher = path.join(import.meta.dirname, '../../../scripts/lockstep.mjs');

test(`a build of ${files} files, one of ${largestMB} MB, takes less than ${limitMB} MB (npm run bench measures 20,000)`, async () => {
  const yaml = appYaml('');
  const content: Record<string, string | Buffer> = {
    'lockstep.yaml': yaml,
    'server.js': '',
    'large.bin': randomBytes(largestMB * 1_000_000),
  };
  for (let n = 0; n < files; n++) content[`directory-${n % 50}/file-${n}.txt`] = `content ${n}`;
  const repository = await AppRepository.create(content);
  try {
    const settings = generateSettings({ manifest: parseAppManifest(yaml), llm: null });
    for (const [name, text] of Object.entries(settings)) {
      await writeFile(path.join(repository.directory, name), text);
    }
    const child = spawn(
      process.execPath,
      [launcher, 'build', 'v1', '--app', repository.app, '--project', repository.directory, '--json'],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...reportPeakOfAll } },
    );
    const { megabytes, out } = await peakOf(child);
    expect(JSON.parse(out)).toMatchObject({ built: true, files: files + 3 });
    expect(megabytes, `${megabytes} MB`).toBeLessThan(limitMB);
  } finally {
    await repository.remove();
  }
});
