import type { Alarm, WatchedSettings } from './alarm.ts';

/** The shared directory: whether every host has it, and whether it keeps up. */
export function fileAlarms({ fleet }: WatchedSettings): Alarm[] {
  const base = {
    section: 'files',
    namespace: 'AWS/EFS',
    dimensions: { FileSystemId: { target: 'files' } },
  } satisfies Partial<Alarm>;
  return [
    {
      ...base,
      key: 'files-mounts',
      title: 'A host has lost the shared directory',
      metric: 'ClientConnections',
      statistic: 'Sum',
      periodSeconds: 60,
      periods: 5,
      rings: 'below',
      threshold: fleet.hosts,
      silence: 'wrong',
      advice: 'Fewer mounts than hosts: uploads of that host reach nobody else. Replace it.',
    },
    {
      ...base,
      key: 'files-io',
      title: 'The file system is at its limit',
      metric: 'PercentIOLimit',
      statistic: 'Maximum',
      periodSeconds: 300,
      periods: 3,
      rings: 'above',
      threshold: 95,
      silence: 'fine',
      advice: 'Many small operations at once: look for a service that lists or stats in a loop.',
    },
  ];
}
