import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import pins from '../../../infra/pins.json' with { type: 'json' };
import { type Resolved, resolve } from '../../../infra/settings/config.ts';
import { pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { identityOf, type Subject } from '../../../infra/stack/stack.ts';

const root = path.join(import.meta.dirname, '../../..');
const configOf = (file: string): Record<string, unknown> =>
  parse(readFileSync(path.join(root, file), 'utf8')).config;

export const pinned = pinsSchema.parse(pins);

/** Values by path, `balancer.webAcl` or `identity.domain`. */
export type Changes = Readonly<Record<string, unknown>>;

const ownKeys = new Set(['identity', 'upstream', 'env', 'soakMinutes']);

/**
 * The settings of this repository's own files with some values changed, judged as the cloud's verbs judge
 * them.
 */
export function resolveExample(environment: string, changes: Changes = {}): Resolved {
  let base: unknown = (configOf('Pulumi.yaml')['lockstep:base'] as { value: unknown }).value;
  let values: unknown = Object.fromEntries(
    Object.entries(configOf(`Pulumi.${environment}.yaml`)).map(([key, value]) => [
      key.replace('lockstep:', ''),
      value,
    ]),
  );
  for (const [key, value] of Object.entries(changes)) {
    const at = key.split('.');
    if (ownKeys.has(at[0] ?? '')) values = withAt(values, at, value);
    else base = withAt(base, at, value);
  }
  return resolve(base, { name: environment, values }, new Date(), { cloud: { pins: pinned } });
}

/**
 * What the program is given for an environment of this repository.
 * @param unjudged values put in after the settings were found right: what the schema would have refused
 */
export function exampleSubject(environment: string, changes: Changes = {}, unjudged: Changes = {}): Subject {
  const resolved = resolveExample(environment, changes);
  if (!resolved.ok) throw new TypeError(JSON.stringify(resolved.findings));
  const settings = changed(resolved.settings, unjudged);
  return { settings, identity: identityOf(settings), pins: pinned };
}

/** The raw settings of the foundation. */
export function foundationExample(changes: Changes = {}): unknown {
  return changed(configOf('infra/foundation/Pulumi.hub.yaml')['lockstep-foundation:settings'], changes);
}

export function changed<T>(root: T, changes: Changes): T {
  return Object.entries(changes).reduce<T>(
    (value, [key, leaf]) => withAt(value, key.split('.'), leaf) as T,
    root,
  );
}

function withAt(root: unknown, at: readonly string[], leaf: unknown): unknown {
  const [key, ...rest] = at;
  if (key === undefined) return leaf;
  const map = typeof root === 'object' && root !== null ? (root as Record<string, unknown>) : {};
  return { ...map, [key]: withAt(map[key], rest, leaf) };
}
