import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environmentSchema } from '../../infra/settings/config.ts';
import { loadSettings } from '../../scripts/adapters/settings/settings-files.ts';
import { engineEnvironment, engineIn, succeeded } from '../support/engine/engine-command.ts';
import { whyNoEngine } from '../support/engine/engine-place.ts';
import { copyProject } from '../support/engine/engine-project.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

/** Text, numbers, booleans, lists, maps and dates, at the top and further in. */
const everyKey = `config:
  lockstep:identity:
    account: "444455556666"
    region: eu-central-1
    cidr: 10.30.0.0/16
    domain: intake.example.com
    certificate: arn:aws:acm:eu-central-1:444455556666:certificate/00000000-0000-4000-8000-000000000002
    alarmAddress: production-alarms@example.com
    webAcl: null
  lockstep:upstream: staging
  lockstep:soakMinutes: 30
  lockstep:env:
    PUBLIC_NAME: "true"
    EMPTY: ""
    NUMBER: "010"
  lockstep:differences:
    - path: fleet.hosts
      value: 4
      reason: "numbers, and: signs # of YAML"
      until: "2099-03-31"
    - path: files.backup
      value: false
      reason: booleans
    - path: fleet.outboundPorts
      value: [443, 5432]
      reason: lists
    - path: redis.snapshotWindow
      value: "01:30-02:30"
      reason: text with colons
  lockstep:local:
    hosts: 3
    env: { PUBLIC_NAME: twin }
`;

const program = `import rawPins from './pins.json' with { type: 'json' };
import { readSettings } from './read-settings.ts';
import { pinsSchema } from './settings/schema/pins.ts';
export const settings = JSON.stringify(readSettings(pinsSchema.parse(rawPins)));
`;

describe('settings as the engine hands them to the program', skippedBecause(whyNoEngine()), () => {
  let project: Awaited<ReturnType<typeof copyProject>>;
  beforeAll(async () => {
    project = await copyProject();
    await writeFile(project.inside('infra/show-settings.ts'), program);
    await project.change('Pulumi.yaml', 'main: infra/index.ts', 'main: infra/show-settings.ts');
    await writeFile(project.inside('Pulumi.production.yaml'), everyKey);
  });
  afterAll(() => project.remove());

  test('every key is read, and as Lockstep reads it', async () => {
    for (const key of Object.keys(environmentSchema.shape)) expect(everyKey).toContain(`lockstep:${key}:`);
    const pulumi = engineIn(project.directory, engineEnvironment(project.inside('.engine')));
    succeeded(await pulumi('stack', 'init', 'production'));
    succeeded(await pulumi('up', '--yes', '--skip-preview', '--stack', 'production'));
    const answer = succeeded(await pulumi('stack', 'output', 'settings', '--stack', 'production'));
    const settings = JSON.parse(answer.stdout);
    expect(settings).toEqual(await loadSettings(project.directory, 'production', new Date()));
    expect(settings).toMatchObject({ upstream: 'staging', soakMinutes: 30, fleet: { hosts: 4 } });
  });
});
