import { environmentSchema } from '../../../infra/settings/config.ts';
import {
  type Finding,
  findMisreadings,
  type Path,
  type Problem,
  problemOf,
  type YamlText,
  yamlText,
} from '../../../infra/settings/problems/problems.ts';

/**
 * One file of settings: its raw values in the shape that `resolve` takes, and what is wrong with its keys.
 */
export type SettingsText = { yaml: YamlText; values: unknown; problems: readonly Problem[] };

const namespace = 'lockstep:';
const baseKey = `${namespace}base`;
const environmentKeys = Object.keys(environmentSchema.shape).map((key) => namespace + key);

/** `config.lockstep:differences[0].until`: `resolve` knows how Pulumi writes a date. */
const isDate = (path: Path) =>
  path[1] === `${namespace}differences` && path.length === 4 && path[3] === 'until';

/**
 * A file that Pulumi reads too: where it would read something else, that is a problem of the file.
 * @param prefix of the keys under `config` whose values are judged
 */
export function pulumiYaml(text: string, file: string, prefix: string = namespace): YamlText {
  const isOurs = ([root, key]: Path) => root === 'config' && String(key).startsWith(prefix);
  return yamlText(text, file, (source, document) => findMisreadings(source, document, { isOurs, isDate }));
}

/** Pulumi.yaml: of its `config` only `lockstep:base` is ours, and only ours is judged. */
export function sharedSettings(text: string, file: string): SettingsText {
  const yaml = pulumiYaml(text, file);
  const config = configOf(yaml);
  const base = mapOf(config[baseKey]);
  const findings = Object.keys(config).flatMap((key) =>
    environmentKeys.includes(key)
      ? [misplaced(key, 'belongs to one environment', `move it to Pulumi.<environment>.yaml`, baseKey)]
      : findWrongKey(key, [baseKey]),
  );
  findings.push(...findElsewhere(yaml.value, stackConfigDirectory));
  for (const key of Object.keys(base).filter((name) => name !== 'value')) {
    const path = ['config', baseKey, key];
    findings.push({
      path,
      message: 'unknown key',
      got: key,
      allowed: 'value',
      fix: 'put what it holds under value',
    });
  }
  return { yaml, values: base.value, problems: [...yaml.problems, ...place(findings, yaml)] };
}

/** Pulumi.<environment>.yaml: its `lockstep:` keys, with the prefix taken off. */
export function environmentSettings(text: string, file: string): SettingsText {
  const yaml = pulumiYaml(text, file);
  const config = configOf(yaml);
  const findings = Object.keys(config).flatMap((key) =>
    key === baseKey
      ? [
          misplaced(
            key,
            'stands once, in Pulumi.yaml',
            'list what differs under lockstep:differences',
            environmentKeys,
          ),
        ]
      : [...findWrongKey(key, environmentKeys), ...findNothing(key, config[key])],
  );
  findings.push(...findElsewhere(yaml.value, escEnvironment));
  const values = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => environmentKeys.includes(key))
      .map(([key, value]) => [key.slice(namespace.length), value]),
  );
  return { yaml, values, problems: [...yaml.problems, ...place(findings, yaml)] };
}

/** Keys of other namespaces (`aws:region`) are the engine's and its providers' own. */
function findWrongKey(key: string, known: readonly string[]): Finding[] {
  if (known.includes(key) || (key.includes(':') && !key.startsWith(namespace))) return [];
  const word = key.includes(':') ? key : namespace + key;
  const message = key.includes(':') ? 'unknown key' : 'a key without a namespace';
  const unknownName = { word, known };
  return [
    { path: ['config', key], message, got: key, allowed: known.join(', '), fix: 'remove it', unknownName },
  ];
}

/**
 * Under `config` Pulumi reads nothing as a text without letters; inside of maps and lists it stays nothing.
 */
function findNothing(key: string, value: unknown): Finding[] {
  if (value !== null || !environmentKeys.includes(key)) return [];
  const message = 'Pulumi reads it as a text without letters';
  return [{ path: ['config', key], message, allowed: 'a value', fix: 'write one, or leave the key out' }];
}

type Elsewhere = { key: string; message: string; allowed: string };
const escEnvironment: Elsewhere = {
  key: 'environment',
  message: 'Pulumi would add settings of an environment of Pulumi ESC, which Lockstep does not read',
  allowed: 'settings under config',
};
const stackConfigDirectory: Elsewhere = {
  key: 'stackConfigDir',
  message: 'Pulumi would read stack files of another directory than Lockstep does',
  allowed: 'stack files beside Pulumi.yaml',
};

/** Keys by which Pulumi takes settings from somewhere else. */
function findElsewhere(root: unknown, { key, message, allowed }: Elsewhere): Finding[] {
  return Object.hasOwn(mapOf(root), key)
    ? [{ path: [key], message, got: key, allowed, fix: 'remove it' }]
    : [];
}

function misplaced(key: string, message: string, fix: string, allowed: string | readonly string[]): Finding {
  return { path: ['config', key], message, got: key, allowed: [allowed].flat().join(', '), fix };
}

function place(findings: readonly Finding[], yaml: YamlText): Problem[] {
  return findings.map((finding) => problemOf(finding, yaml.place));
}

function configOf({ value }: YamlText): Record<string, unknown> {
  return mapOf(mapOf(value).config);
}

function mapOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
