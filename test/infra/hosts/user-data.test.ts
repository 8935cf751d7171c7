import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloudwatchConfig, hostTemplate, stunnelConfig } from '../../../infra/hosts/host-files.ts';
import { maximumUserDataBytes, quote } from '../../../infra/hosts/host-script.ts';
import { bootNodeOptions, renderUserData } from '../../../infra/hosts/user-data.ts';
import { type UserDataOptions, userDataSchema } from '../../../infra/hosts/user-data-options.ts';
import { agentNodeOptions, hostProvisioningSchema } from '../../../scripts/domain/order/host-protocol.ts';
import { userDataExample as example } from '../../support/cloud/user-data-example.ts';
import { skippedBecause, whyMissing } from '../../support/run/skipped-because.ts';

describe('user data', () => {
  test('fits EC2 with room to spare, for an app of many services and bindings', () => {
    const many = Array.from({ length: 15 }, (_, index) => index);
    const script = renderUserData({
      ...example,
      services: Object.fromEntries(many.map((n) => [`service-${n}`, 8000 + n])),
      bindings: Object.fromEntries(many.map((n) => [`BINDING_${n}`, `https://${'x'.repeat(40)}`])),
    });
    expect(Buffer.byteLength(script)).toBeLessThan(maximumUserDataBytes);
    expect(Buffer.byteLength(renderUserData(example))).toBeLessThan(maximumUserDataBytes * 0.8);
  });

  test('above the limit it is refused with the numbers', () => {
    const bindings = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`BINDING_${n}`, 'x'.repeat(60)]),
    );
    expect(() => renderUserData({ ...example, bindings })).toThrow(/user data of \d+ bytes.*16384/s);
  });

  test('equal options give equal bytes, whatever the order of keys', () => {
    const turned = {
      ...example,
      services: { worker: null, web: 8080 },
      bindings: Object.fromEntries(Object.entries(example.bindings).reverse()),
    };
    expect(renderUserData(turned)).toBe(renderUserData(example));
  });

  test('a host without files and Redis gets no tunnel', () => {
    const script = renderUserData({ ...example, files: null, redisTunnel: null });
    expect(script).not.toContain('lockstep-redis.service <<');
    expect(script).not.toContain('checkHost');
    expect(script).toContain("FILE_SYSTEM=''");
  });

  test.each<[string, Partial<UserDataOptions>]>([
    ['a password in a URL', { bindings: { REDIS_URL: 'rediss://app:hunter2@redis.example.com' } }],
    ['a password by name', { bindings: { REDIS_PASSWORD: 'hunter2' } }],
    ['a second line', { bindings: { A: 'x\ny' } }],
    ['a shell in the name of a hook', { hook: 'x;reboot' }],
    ['a path with a space', { sharedDirectory: '/srv/a b' }],
    ['a receipt key without an upstream', { upstream: null }],
    ['half a hash', { agentSha256: 'abc' }],
    ['a bucket with a quote', { store: { bucket: "a'b", region: 'eu-west-1' } }],
    ['a key that is no ARN', { keys: { ...example.keys, build: 'alias/lockstep-build' } }],
  ])('refuses %s', (_, wrong) => {
    expect(() => renderUserData({ ...example, ...wrong })).toThrow();
  });

  test('the options have no place for a secret, and the text looks like none', () => {
    const script = renderUserData(example);
    expect(script).not.toMatch(/AKIA|BEGIN (?!PUBLIC)[A-Z ]*KEY|password|secret[_-]?access/i);
  });

  test('quoting survives a real shell, whatever the word', () => {
    const word = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
    const words = ["it's", '$(reboot)', '`x`', '\\', '', ...fc.sample(word, 300)];
    const out = execFileSync('/bin/bash', ['-c', `printf '%s\\0' ${words.map(quote).join(' ')}`]);
    expect(out.toString('utf8').split('\0').slice(0, -1)).toEqual(words);
  });

  test('knows the same options of Node as the pipeline', () => {
    expect(bootNodeOptions).toEqual(agentNodeOptions);
  });

  test('host.json has the keys that the agent knows from its provisioning', () => {
    const template = hostTemplate(userDataSchema.parse(example));
    expect(Object.keys(template).sort()).toEqual(Object.keys(hostProvisioningSchema.shape).sort());
    expect(template.bindings).toMatchObject({
      REDIS_URL: 'redis://127.0.0.1:6379',
      WEB_URL: 'http://@ADDRESS@:8080',
      SHARED_DIR: '/srv/lockstep/shared',
    });
    expect(template.ports).toEqual({ web: 8080 });
  });

  test('an app that speaks TLS by itself gets an address of Redis too, without a login', () => {
    const bindings = { REDIS_HOST: 'r.example.com', REDIS_PORT: '6379', REDIS_USER: 'intake-production-app' };
    const template = hostTemplate(userDataSchema.parse({ ...example, redisTunnel: null, bindings }));
    expect(template.bindings).toMatchObject({ REDIS_URL: 'rediss://r.example.com:6379' });
  });

  test("the log of each service goes to the environment's group", () => {
    const config = cloudwatchConfig(userDataSchema.parse(example), '/var/lib/lockstep');
    const files = config.logs.logs_collected.files.collect_list;
    expect(files.map((each) => each.log_stream_name)).toEqual([
      '{instance_id}/boot',
      '{instance_id}/web',
      '{instance_id}/worker',
    ]);
  });

  test('the tunnel asks for the name at each connection and checks it', () => {
    const config = stunnelConfig({ host: 'redis.example.com', port: 6380 });
    expect(config).toMatch(/^delay = yes$/m);
    expect(config).toMatch(/^checkHost = redis\.example\.com$/m);
    expect(config).toMatch(/^connect = redis\.example\.com:6380$/m);
  });
});

describe('shellcheck', skippedBecause(whyMissing('shellcheck')), () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'lockstep-user-data-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('finds nothing in the user data, nor in the programs inside it', () => {
    const script = path.join(directory, 'user-data.sh');
    writeFileSync(script, renderUserData(example));
    const root = path.join(import.meta.dirname, '../../..');
    const programs = ['common', 'boot', 'finish'].map((name) => `infra/boot/${name}.sh`);
    const { stdout, status } = spawnSync('shellcheck', ['-x', script, ...programs], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
