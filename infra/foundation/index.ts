import * as pulumi from '@pulumi/pulumi';
import { declareFoundation } from './declare-foundation.ts';
import { foundationSchema } from './settings.ts';

/** What the engine runs. Everything is decided in declare-foundation.ts. */
const settings = foundationSchema.parse(new pulumi.Config('lockstep-foundation').requireObject('settings'));

export const outputs = declareFoundation(settings);
