import { baseSchema, environmentSchema } from '../../infra/settings/schema/settings-schema.ts';
import { renderReference } from './reference-page.ts';

/** Every key of `lockstep:base`, and every other `lockstep:` key. */
export function renderSettingsReference(): string {
  return [
    '## In `Pulumi.yaml`: what all environments share',
    'Under `config: lockstep:base: value:`.',
    renderReference(baseSchema, '###'),
    '## In `Pulumi.<environment>.yaml`: what makes an environment',
    'Under `config:`, each with the prefix `lockstep:`.',
    renderReference(environmentSchema, '###'),
  ].join('\n\n');
}
