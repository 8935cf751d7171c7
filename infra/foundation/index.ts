import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { declareFoundation } from './declare-foundation.ts';
import { foundationSchema } from './settings.ts';

/** What the engine runs. Everything is decided in declare-foundation.ts. */
const given = new pulumi.Config('lockstep-foundation').requireObject<unknown>('settings');
const settings = foundationSchema.safeParse(given);
if (!settings.success) {
  throw new pulumi.RunError(
    `lockstep-foundation:settings is not what it should be\n${z.prettifyError(settings.error)}`,
  );
}

export const outputs = declareFoundation(settings.data);
