import type { SharedSettings } from '../stack/stack.ts';

/** Where on the status page an alarm stands. */
export type Section = 'answers' | 'hosts' | 'sessions' | 'files' | 'model';

/** What an alarm looks at, before anybody knows its id: `target` names it, `suffix` is added to the id. */
export type Dimension = { target: string; suffix?: string };

/** One alarm on one metric, as plain values. */
export type Alarm = {
  /** Part of logical and physical names: a rename replaces the alarm. */
  key: string;
  section: Section;
  /** What is wrong when it rings, in words. */
  title: string;
  /** What to look at first. */
  advice: string;
  namespace: string;
  metric: string;
  /** `p95` and the like are percentiles. */
  statistic: 'Sum' | 'Average' | 'Maximum' | 'Minimum' | `p${number}`;
  dimensions: Readonly<Record<string, Dimension>>;
  periodSeconds: 60 | 300 | 86_400;
  /** How many periods in a row. */
  periods: number;
  rings: 'above' | 'below';
  /** Exclusive: it rings strictly above or below. */
  threshold: number;
  /** What silence means: nothing to count is fine, a host that says nothing is not. */
  silence: 'fine' | 'wrong' | 'unknown';
};

/** What alarms depend on. */
export type WatchedSettings = Pick<SharedSettings, 'observability' | 'fleet' | 'redis' | 'files' | 'llm'>;
