import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestProblems, parseAppManifest } from '../../scripts/adapters/settings/app-manifest-file.ts';

const examples = path.resolve(import.meta.dirname, '../../examples');
const read = (file: string) => readFile(path.join(examples, file), 'utf8');

const manifests = (await readdir(path.join(examples, 'manifests'))).map((name) => `manifests/${name}`);

describe('the example manifests', () => {
  it.each(['intake/lockstep.yaml', 'python-form/lockstep.yaml', ...manifests])('%s parses', async (file) => {
    expect(manifestProblems(await read(file), file)).toEqual([]);
  });

  it('show a worker without a port, a release without a runtime, and a bot of which exactly one may run', async () => {
    const worker = parseAppManifest(await read('manifests/queue-worker.yaml')).services.worker;
    expect(worker).toMatchObject({ workers: 4, stopSignal: 'SIGINT' });
    expect(worker?.port).toBeUndefined();
    expect(parseAppManifest(await read('manifests/static-go.yaml')).platform.runtimes).toEqual({});
    const bot = parseAppManifest(await read('manifests/telegram-bot.yaml')).services.bot;
    expect(bot?.replicas).toBe('exactly-one');
  });

  it('pin every package of python-form, and leave registry addresses out of what intake locks', async () => {
    const requirements = (await read('python-form/requirements.txt'))
      .split('\n')
      .filter((line) => /^\w/.test(line));
    expect(requirements.every((line) => /^[\w.-]+==[\d.]+$/.test(line))).toBe(true);
    const lock = JSON.parse(await read('intake/package-lock.json'));
    const packages: Record<string, unknown>[] = Object.values(lock.packages);
    expect(packages.filter((entry) => 'resolved' in entry)).toEqual([]);
    expect(packages.filter((entry) => 'integrity' in entry).length).toBe(packages.length - 1);
  });
});
