import * as pulumi from '@pulumi/pulumi';
import { declare } from './declare.ts';
import rawPins from './pins.json' with { type: 'json' };
import { readSettings } from './read-settings.ts';
import { pinsSchema } from './settings/schema/pins.ts';
import { identityOf } from './stack/stack.ts';

/**
 * The program that the engine runs: reads the stack's settings and declares. `lockstep plan` shows what it
 * will do.
 */
const pins = pinsSchema.parse(rawPins);
if (pins.example) {
  throw new pulumi.RunError(
    'infra/pins.json still holds example ids, which exist nowhere. Run `lockstep pins update` and commit what it changes.',
  );
}
const settings = readSettings(pins);

export const { contract } = declare(settings, identityOf(settings), pins);
