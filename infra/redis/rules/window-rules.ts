import type { Finding } from '../../settings/problems/problem.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minutesOfDay = 24 * 60;

/** CreateReplicationGroup: each window lasts at least an hour, and the two must not overlap. */
export function findWindowFaults(redis: Base['redis']): Finding[] {
  if (redis.source !== 'create') return [];
  const maintenance = windowMinutes(redis.maintenanceWindow, 7 * minutesOfDay);
  const snapshot = windowMinutes(redis.snapshotWindow, minutesOfDay);
  const findings: Finding[] = [];
  for (const [key, minutes] of [
    ['maintenanceWindow', maintenance],
    ['snapshotWindow', snapshot],
  ] as const) {
    if (minutes.length >= 60) continue;
    findings.push({
      path: ['redis', key],
      message: 'shorter than an hour',
      allowed: 'a window of at least 60 minutes',
      fix: 'move its end by what is missing',
    });
  }
  const busy = new Set(maintenance.map((minute) => minute % minutesOfDay));
  if (findings.length === 0 && redis.snapshotDays > 0 && snapshot.some((minute) => busy.has(minute))) {
    findings.push({
      path: ['redis', 'snapshotWindow'],
      message: `overlaps the maintenance window ${redis.maintenanceWindow}`,
      allowed: 'a window that does not overlap it',
      fix: 'move one of the two windows',
    });
  }
  return findings;
}

/** Every minute of a window, counted from the start of the day or (with days) of the week. */
function windowMinutes(window: string, cycle: number): number[] {
  const [from = 0, to = 0] = window.split(/-(?=[a-z]|\d\d:\d\d$)/).map((time) => {
    const [minute = 0, hour = 0, day] = time.split(':').reverse();
    return (
      (day === undefined ? 0 : days.indexOf(String(day)) * minutesOfDay) + Number(hour) * 60 + Number(minute)
    );
  });
  return Array.from({ length: (to - from + cycle) % cycle }, (_, index) => (from + index) % cycle);
}
