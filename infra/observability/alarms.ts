import type { Alarm, WatchedSettings } from './alarm.ts';
import { answerAlarms } from './answer-alarms.ts';
import { fileAlarms } from './file-alarms.ts';
import { hostAlarms } from './host-alarms.ts';
import { modelAlarms } from './model-alarms.ts';
import { redisAlarms } from './redis-alarms.ts';

/**
 * Every alarm of an environment. Targets: `balancer`, `targets` (ARN suffixes), `certificate` (ARN), `redis`,
 * `files` (ids), `llm`, `llm-balancer`, `llm-targets`, and `group:<name>` for each group of hosts.
 *
 * @param groups names of the groups of hosts, without the model's
 */
export function planAlarms(settings: WatchedSettings, groups: readonly string[]): Alarm[] {
  const { redis, files, llm } = settings;
  return [
    ...answerAlarms(settings),
    ...groups.flatMap((group) => hostAlarms(settings, `group:${group}`, group, 'hosts')),
    ...(redis.source === 'none' ? [] : redisAlarms(redis.nodes)),
    ...(files.source === 'none' ? [] : fileAlarms(settings)),
    ...(llm.mode === 'host' ? [...modelAlarms(), ...hostAlarms(settings, 'llm', 'model', 'model')] : []),
  ];
}
