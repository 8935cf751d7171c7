import * as pulumi from '@pulumi/pulumi';
import { environmentSchema, type Resolved, resolve } from './settings/config.ts';
import { engineValues } from './settings/engine-values.ts';
import { keyOf } from './settings/problems/problems.ts';
import type { Pins } from './settings/schema/pins.ts';

type Settings = Extract<Resolved, { ok: true }>['settings'];

/**
 * The settings of the stack that the engine runs this for. `lockstep plan` names the line of every mistake;
 * here only their keys are known.
 *
 * @throws RunError with everything that is wrong
 */
export function readSettings(pins: Pins): Settings {
  const config = new pulumi.Config('lockstep');
  const values = engineValues(environmentSchema, (key) => config.get(key));
  const environment = { name: pulumi.getStack(), values };
  const base = config.requireObject<unknown>('base');
  const resolved = resolve(base, environment, new Date(), { cloud: { pins } });
  if (resolved.ok) return resolved.settings;
  const lines = resolved.findings.map(
    ({ source, path, message, allowed, fix }) =>
      `  ${source === 'base' ? 'base' : environment.name} ${keyOf(path)}: ${message}; allowed: ${allowed}. Fix: ${fix}.`,
  );
  throw new pulumi.RunError(
    `the settings have problems (\`lockstep plan\` names their lines):\n${lines.join('\n')}`,
  );
}
