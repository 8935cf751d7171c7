import type { Base } from '../settings/schema/settings-schema.ts';

/** Hosts that launch from one template. `name` is the logical name. */
export type HostGroup = { name: string; count: 'many' | 'exactly-one'; services: readonly string[] };

/**
 * Services that may run many times share the hosts of `fleet`; each that must run exactly once gets a group
 * of one, so that its host can stop before the next one starts.
 */
export function planGroups(app: Base['app']): HostGroup[] {
  const names = Object.keys(app.services).sort();
  const many = names.filter((name) => app.services[name]?.replicas === 'many');
  const singletons = names.filter((name) => app.services[name]?.replicas === 'exactly-one');
  const fleet: HostGroup = { name: 'fleet', count: 'many', services: many };
  return [
    ...(many.length === 0 ? [] : [fleet]),
    ...singletons.map(
      (service): HostGroup => ({
        name: `fleet-${service}`,
        count: 'exactly-one',
        services: [service],
      }),
    ),
  ];
}
