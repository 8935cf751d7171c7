import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  manifestProblems,
  parseAppManifest,
  readAppManifest,
} from '../../../scripts/adapters/settings/app-manifest-file.ts';
import { LockstepError } from '../../../scripts/domain/errors.ts';

const fixtures = path.join(import.meta.dirname, '../../fixtures');
const mistakes = await readFile(path.join(fixtures, 'lockstep-with-mistakes.yaml'), 'utf8');

describe('eighteen mistakes in one manifest', () => {
  test('yield eighteen problems at once, each with its line, key and the value got', () => {
    expect(manifestProblems(mistakes).map(({ line, key, got }) => [line, key, got])).toEqual([
      [4, 'platform.runtimes.node', '24'],
      [5, 'sevices', 'sevices'],
      [8, 'services.web.command[2]', '$' + '{PROT}'],
      [9, 'services.web.port', '80'],
      [11, 'services.api.health', 'nothing'],
      [12, 'services.api.command', '"node api.js"'],
      [15, 'services.worker.command[2]', '$' + '{PORT}'],
      [16, 'services.worker.stopSignal', '"SIGKILL"'],
      [17, 'services.redis', 'redis'],
      [19, 'public', '"wbe"'],
      [21, 'env.PORT', 'PORT'],
      [22, 'env.mode', 'mode'],
      [23, 'env.API_TOKEN.pattern', '(hidden: it may be a secret)'],
      [25, 'secrets.API_TOKEN', 'API_TOKEN'],
      [26, 'secrets.WORKER_URL', 'WORKER_URL'],
      [29, 'directories.scratch[0]', '"data/cache"'],
      [32, 'smoke[1].name', '"alive"'],
      [32, 'smoke[1].service', '"worker"'],
    ]);
  });

  test('say what is allowed and what to write instead', () => {
    const problems = manifestProblems(mistakes);
    expect(problems.filter(({ allowed, fix, message }) => !allowed || !fix || !message)).toEqual([]);
    expect(Object.fromEntries(problems.map(({ line, fix }) => [line, fix]))).toMatchObject({
      4: 'put it in quotes',
      5: 'write services, or remove it',
      9: 'write a whole number from 1024 to 65535',
      12: 'write a list: program, then arguments; no shell',
      19: 'write web, or name a service that has one',
      22: 'write MODE',
    });
  });

  test('end a command as one usage error', () => {
    let thrown: unknown;
    try {
      parseAppManifest(mistakes, 'shop/lockstep.yaml');
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof LockstepError)) throw new Error('expected a LockstepError', { cause: thrown });
    expect([thrown.kind, thrown.message]).toEqual(['usage', 'shop/lockstep.yaml has 18 problems']);
    expect(thrown.details[1]).toMatch(
      /^shop\/lockstep\.yaml:5:1 sevices: unknown key\. Got sevices; allowed: name, /,
    );
  });
});

describe('a manifest', () => {
  const minimal =
    'name: shop\nservices: {web: {command: [node, main.js], port: 8080, health: {path: /health}}}\n';
  const problemsOf = (text: string) =>
    manifestProblems(minimal + text).map(({ key, message }) => [key, message]);

  test('is filled with defaults', () => {
    expect(parseAppManifest(minimal)).toMatchObject({
      services: { web: { workers: 1, replicas: 'many', stopSignal: 'SIGTERM', health: { expect: 200 } } },
      limits: { bodyMiB: 10, requestSeconds: 60 },
    });
  });

  test('has a service, and no two suites of one name; suites without a name are not said to share it', () => {
    expect(manifestProblems('name: shop\nservices: {}\n').map(({ key }) => key)).toEqual(['services']);
    const steps = 'travels: each-host, steps: [{name: a, request: {path: /}}]';
    const named = (name: string) => `smoke: [{name: ${name}, ${steps}}, {name: ${name}, ${steps}}]\n`;
    expect(problemsOf(named('walk'))).toEqual([['smoke[1].name', 'two suites have this name']]);
    expect(problemsOf(named("''")).map(([, message]) => message)).not.toContain('two suites have this name');
  });

  test('has a port where something asks for one: a health check, a suite', () => {
    const worker = 'name: shop\nservices: {worker: {command: [x]}}\n';
    const walk = 'smoke: [{name: walk, travels: each-host, steps: [{name: a, request: {path: /}}]}]\n';
    const found = (text: string) => manifestProblems(text).map(({ key, message }) => [key, message]);
    expect(found(worker)).toEqual([]);
    expect(found(worker + walk)).toEqual([['smoke[0]', 'there is no service to send requests to']]);
    expect(found(worker.replace('[x]', '[x], health: {path: /}'))).toEqual([
      ['services.worker.health', 'needs a port to send health checks to'],
    ]);
  });

  test('may hold what is to run exactly once: it is refused when it is deployed, not when it is read', () => {
    const text = minimal.replace('port:', 'replicas: exactly-one, port:');
    expect(parseAppManifest(text).services.web?.replicas).toBe('exactly-one');
  });

  test('says which of several services the balancer serves', () => {
    const two = 'name: shop\nservices:\n  a: &s {command: [x], port: 8080, health: {path: /}}\n  b: *s\n';
    expect(manifestProblems(two).map(({ key, message }) => [key, message])).toEqual([
      ['public', 'missing, although several services have a port'],
    ]);
    expect(manifestProblems(`${two}public: b\n`)).toEqual([]);
  });

  test('keeps shared and scratch directories apart, also as part of one another', () => {
    expect(problemsOf('directories: {shared: [data, data-old], scratch: [cache]}\n')).toEqual([]);
    expect(problemsOf('directories: {shared: [a/b, a], scratch: [a]}\n')).toEqual([
      ['directories.shared[1]', 'overlaps the shared directory a/b'],
      ['directories.scratch[0]', 'overlaps the shared directory a/b'],
    ]);
    expect(problemsOf('directories: {shared: [../up, /etc, a/./b]}\n')).toHaveLength(3);
  });

  test('cannot declare a binding as a value, nor the address of a service', () => {
    expect(problemsOf('env: {REDIS_URL: {}, WEB_URL: {}, RELEASE_DIR: {}}\n')).toEqual([
      ['env.REDIS_URL', 'the name is taken: it is a binding: list it under bindings instead'],
      ['env.WEB_URL', 'the name is taken: it is the address of the service web'],
      ['env.RELEASE_DIR', 'the name is taken: the host sets it for every service'],
    ]);
  });

  test('never holds a service called __proto__ or constructor by accident', () => {
    expect(problemsOf('env: {__proto__: {}}\n')).toEqual([['env.__proto__', 'this name is not accepted']]);
    expect(problemsOf('public: constructor\n')).toEqual([['public', 'does not name a service with a port']]);
  });

  test.each(['intake', 'python-form'])(
    'of the example %s is right, where the example is there',
    async (name) => {
      const directory = path.join(import.meta.dirname, '../../../examples', name);
      const manifest = await readAppManifest(directory).catch((error: unknown) => {
        if (error instanceof LockstepError && error.message.startsWith('there is no lockstep.yaml'))
          return undefined;
        throw error;
      });
      if (manifest !== undefined) expect(manifest.smoke.length).toBeGreaterThan(0);
    },
  );
});
