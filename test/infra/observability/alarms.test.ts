import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planAlarms } from '../../../infra/observability/alarms.ts';
import { renderDashboard } from '../../../infra/observability/dashboard.ts';
import { filesSchema } from '../../../infra/settings/schema/files-schema.ts';
import { fleetSchema } from '../../../infra/settings/schema/fleet-schema.ts';
import { llmSchema } from '../../../infra/settings/schema/llm-schema.ts';
import { observabilitySchema } from '../../../infra/settings/schema/observability-schema.ts';
import { redisSchema } from '../../../infra/settings/schema/redis-schema.ts';

type Sections = Record<'redis' | 'files' | 'llm' | 'fleet' | 'observability', object>;

function settings(changes: Partial<Sections> = {}) {
  return {
    redis: redisSchema.parse(changes.redis ?? {}),
    files: filesSchema.parse(changes.files ?? {}),
    llm: llmSchema.parse(changes.llm ?? { mode: 'none' }),
    fleet: fleetSchema.parse(changes.fleet ?? {}),
    observability: observabilitySchema.parse(changes.observability ?? {}),
  };
}

const host = { mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct' };
const keys = (changes?: Partial<Sections>, groups = ['web']) =>
  planAlarms(settings(changes), groups).map(({ key }) => key);

describe('the alarms of an environment', () => {
  test('watch what users get, the hosts, the sessions and the files', () => {
    expect(keys()).toEqual([
      ...['server-errors', 'balancer-errors', 'latency', 'unhealthy-hosts', 'no-healthy-host', 'certificate'],
      ...['memory-web', 'disk-web'],
      ...[1, 2].flatMap((node) =>
        ['memory', 'evictions', 'connections', 'cpu'].map((what) => `redis-${what}-${node}`),
      ),
      ...['files-mounts', 'files-io'],
    ]);
  });

  test('watch the model and its GPU where it has a host here, and nothing that is not there', () => {
    expect(keys({ llm: host })).toEqual(
      expect.arrayContaining(['model-down', 'model-busy', 'memory-model', 'disk-model']),
    );
    const bare = keys({ redis: { source: 'none' }, files: { source: 'none' } });
    expect(bare.filter((key) => /redis|files|model/.test(key))).toEqual([]);
  });

  test('ring at the thresholds of the settings', () => {
    const alarms = planAlarms(
      settings({
        observability: { serverErrors: 7, latencySeconds: 2.5, certificateDays: 30 },
        fleet: { hosts: 4 },
      }),
      ['web'],
    );
    const threshold = Object.fromEntries(alarms.map((alarm) => [alarm.key, alarm.threshold]));
    // Above 6 is 7 or more; fewer than 4 mounts is a host without one.
    expect(threshold).toMatchObject({ 'server-errors': 6, latency: 2.5, certificate: 30, 'files-mounts': 4 });
  });

  test('have keys of their own, say what is wrong and what to do, and fit into a description', () => {
    const groups = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), groups, (nodes, names) => {
        const alarms = planAlarms(settings({ redis: { nodes }, llm: host }), names);
        expect(new Set(alarms.map(({ key }) => key)).size).toBe(alarms.length);
        for (const { title, advice } of alarms) {
          expect(title).not.toBe('');
          expect(`${title}. ${advice}`.length).toBeLessThanOrEqual(1_024);
        }
      }),
    );
  });
});

describe('the dashboard', () => {
  type Widget = { type: string; x: number; y: number; width: number; height: number; properties: Properties };
  type Properties = { alarms?: string[]; metrics?: unknown[][] };

  function render(nodes: number, groups: readonly string[]): { widgets: Widget[] } {
    const alarms = planAlarms(settings({ redis: { nodes }, llm: host }), groups).map((alarm) => ({
      alarm,
      arn: `arn:${alarm.key}`,
      dimensions: Object.fromEntries(Object.keys(alarm.dimensions).map((key) => [key, 'id'])),
    }));
    return JSON.parse(
      renderDashboard({ app: 'intake', environment: 'staging', region: 'eu-central-1', alarms }),
    );
  }

  test('shows every alarm once as a light and once as a graph, with nothing over anything else', () => {
    const groups = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), groups, (nodes, names) => {
        const { widgets } = render(nodes, names);
        const lights = widgets.flatMap(({ properties }) => properties.alarms ?? []);
        const planned = planAlarms(settings({ redis: { nodes }, llm: host }), names);
        expect(lights.toSorted()).toEqual(planned.map(({ key }) => `arn:${key}`).toSorted());
        expect(widgets.filter(({ type }) => type === 'metric')).toHaveLength(planned.length);
        const taken = new Set<string>();
        for (const { x, y, width, height } of widgets) {
          expect(x + width).toBeLessThanOrEqual(24);
          for (let column = x; column < x + width; column++) {
            for (let row = y; row < y + height; row++) {
              expect(taken.has(`${column},${row}`)).toBe(false);
              taken.add(`${column},${row}`);
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('names metrics as CloudWatch wants them: namespace, name, dimensions in pairs, options', () => {
    const metric = render(1, ['web']).widgets.find(({ type }) => type === 'metric')?.properties.metrics?.[0];
    expect(metric).toEqual([
      ...['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', 'LoadBalancer', 'id', 'TargetGroup', 'id'],
      { stat: 'Sum', label: 'HTTPCode_Target_5XX_Count' },
    ]);
  });
});
