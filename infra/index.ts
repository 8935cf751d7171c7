import * as pulumi from '@pulumi/pulumi';
import { declare } from './declare.ts';
import rawPins from './pins.json' with { type: 'json' };
import { environmentSchema, resolve } from './settings/config.ts';
import { engineValues } from './settings/engine-values.ts';
import { keyOf } from './settings/problems/problems.ts';
import { pinsSchema } from './settings/schema/pins.ts';
import { identityOf } from './stack/stack.ts';

/**
 * The program that the engine runs: reads the stack's settings and declares. `lockstep plan` shows what it will do,
 * with the line of every mistake; here only their keys are known.
 */
const config = new pulumi.Config('lockstep');
const pins = pinsSchema.parse(rawPins);
if (pins.example) {
  throw new pulumi.RunError(
    'infra/pins.json still holds example ids, which exist nowhere. Run `lockstep pins update` and commit what it changes.',
  );
}
const values = engineValues(environmentSchema, (key) => config.get(key));
const environment = { name: pulumi.getStack(), values };
const resolved = resolve(config.requireObject<unknown>('base'), environment, new Date(), { cloud: { pins } });
if (!resolved.ok) {
  const lines = resolved.findings.map(
    ({ source, path, message, allowed, fix }) =>
      `  ${source === 'base' ? 'base' : environment.name} ${keyOf(path)}: ${message}; allowed: ${allowed}. Fix: ${fix}.`,
  );
  throw new pulumi.RunError(
    `the settings have problems (\`lockstep plan\` names their lines):\n${lines.join('\n')}`,
  );
}
const { settings } = resolved;

export const { contract } = declare(settings, identityOf(settings), pins);
