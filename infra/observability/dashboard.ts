import type { Alarm, Section } from './alarm.ts';

/** An alarm that exists: its ARN, and the values of its dimensions. */
export type ShownAlarm = { alarm: Alarm; arn: string; dimensions: Readonly<Record<string, string>> };

export type DashboardOptions = {
  app: string;
  environment: string;
  region: string;
  alarms: readonly ShownAlarm[];
};

type Widget = { type: string; x: number; y: number; width: number; height: number; properties: object };

/** A dashboard is 24 columns wide and takes at most 500 widgets (CloudWatch, "Dashboard body structure"). */
const columns = 24;
const graph: Pick<Widget, 'width' | 'height'> = { width: 8, height: 5 };
const widestRow = Math.floor(columns / graph.width);

const sections: readonly [section: Section, heading: string, text: string][] = [
  ['answers', 'Answers', 'What users get: errors, waiting, hosts in rotation.'],
  ['hosts', 'Hosts', 'Memory and disk, of the worst host of each group.'],
  ['sessions', 'Sessions', 'Redis: who loses room here loses the place of its users.'],
  ['files', 'Files', 'The shared directory: every host has it, or uploads go missing.'],
  ['model', 'Model', 'The host of the model: it answers, and has room to.'],
];

/**
 * The body of a dashboard that reads from top to bottom like a status page: is it well, and if not, where.
 */
export function renderDashboard(options: DashboardOptions): string {
  const { app, environment, alarms } = options;
  const widgets: Widget[] = [
    {
      type: 'text',
      x: 0,
      y: 0,
      width: columns,
      height: 2,
      properties: {
        markdown: `# ${app} in ${environment}\nGreen is well, red is not, grey has not been heard of. What runs where: \`lockstep status ${environment}\`.`,
      },
    },
  ];
  let y = 2;
  for (const [section, heading, text] of sections) {
    const shown = alarms.filter(({ alarm }) => alarm.section === section);
    if (shown.length === 0) continue;
    widgets.push(...renderSection(options, { heading, text, shown, y }));
    y = Math.max(...widgets.map((widget) => widget.y + widget.height));
  }
  return JSON.stringify({ start: '-PT3H', periodOverride: 'inherit', widgets });
}

function renderSection(
  { region }: DashboardOptions,
  { heading, text, shown, y }: { heading: string; text: string; shown: readonly ShownAlarm[]; y: number },
): Widget[] {
  const lights = 1 + Math.ceil(shown.length / 4);
  const top: Widget[] = [
    { type: 'text', x: 0, y, width: columns, height: 1, properties: { markdown: `## ${heading}: ${text}` } },
    {
      type: 'alarm',
      x: 0,
      y: y + 1,
      width: columns,
      height: lights,
      properties: {
        title: heading,
        alarms: shown.map(({ arn }) => arn),
        states: ['ALARM', 'INSUFFICIENT_DATA', 'OK'],
      },
    },
  ];
  const graphs = shown.map((one, index): Widget => {
    const row = Math.floor(index / widestRow);
    const x = (index % widestRow) * graph.width;
    return {
      type: 'metric',
      x,
      y: y + 1 + lights + row * graph.height,
      ...graph,
      properties: renderGraph(one, region),
    };
  });
  return [...top, ...graphs];
}

/** The metric of an alarm, with the line that it must not cross. */
function renderGraph({ alarm, dimensions }: ShownAlarm, region: string): object {
  const pairs = Object.entries(dimensions).flat();
  return {
    title: alarm.title,
    region,
    view: 'timeSeries',
    period: alarm.periodSeconds,
    metrics: [[alarm.namespace, alarm.metric, ...pairs, { stat: alarm.statistic, label: alarm.metric }]],
    annotations: {
      horizontal: [{ label: 'alarm', value: alarm.threshold, fill: alarm.rings, color: '#d62728' }],
    },
    yAxis: { left: { min: 0 } },
  };
}
