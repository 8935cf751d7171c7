import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProviderMirror, mirrorLine } from '../support/servers/terraform-provider.ts';

const version = '5.100.0';
const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'lockstep-terraform-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function provider(place: string): string {
  const directory = path.join(home, place);
  mkdirSync(path.join(directory, 'registry.terraform.io/hashicorp/aws', version, platform), {
    recursive: true,
  });
  return directory;
}

const find = (more: Record<string, string> = {}) =>
  findProviderMirror(version, { HOME: home, XDG_DATA_DIRS: path.join(home, 'share'), ...more });

test.each([
  [
    'a mirror',
    (place: string) => `provider_installation {\n  filesystem_mirror {\n    path = "${place}"\n  }\n}\n`,
  ],
  ['the cache of plugins', () => 'plugin_cache_dir = "$HOME/kept"\n'],
])('the provider is found in %s that Terraform’s own configuration names', (_, text) => {
  const place = provider('kept');
  expect(find()).toBeUndefined();
  writeFileSync(path.join(home, '.terraformrc'), text(place));
  expect(find()).toBe(place);
  const elsewhere = path.join(home, 'other.tfrc');
  writeFileSync(elsewhere, '');
  expect(find({ TF_CLI_CONFIG_FILE: elsewhere })).toBeUndefined();
  writeFileSync(elsewhere, text(place));
  expect(find({ TF_CLI_CONFIG_FILE: elsewhere })).toBe(place);
});

test('it is found where Terraform looks by itself, in its cache, and in a directory named by hand', () => {
  expect(find({ TF_PLUGIN_CACHE_DIR: provider('cache') })).toBe(path.join(home, 'cache'));
  expect(find({ LOCKSTEP_TF_MIRROR: provider('mirror') })).toBe(path.join(home, 'mirror'));
  const own = provider('.terraform.d/plugins');
  expect(find()).toBe(own);
});

test('a place that a comment names, or that holds another version, has none', () => {
  mkdirSync(path.join(home, 'kept/registry.terraform.io/hashicorp/aws/5.99.0', platform), {
    recursive: true,
  });
  writeFileSync(path.join(home, '.terraformrc'), `plugin_cache_dir = "${home}/kept"\n`);
  expect(find()).toBeUndefined();
  writeFileSync(path.join(home, '.terraformrc'), `# plugin_cache_dir = "${provider('kept')}"\n`);
  expect(find()).toBeUndefined();
});

test('otherwise the line to type is said', () => {
  expect(mirrorLine(version)).toContain('LOCKSTEP_TF_MIRROR=DIR npm run test:provider');
  expect(mirrorLine(version)).toContain(`registry.terraform.io/hashicorp/aws/${version}/${platform}`);
});
