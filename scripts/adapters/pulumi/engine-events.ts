import { z } from 'zod';
import { jsonIn } from '../../domain/json-text.ts';

const summarySchema = z.looseObject({
  summaryEvent: z.looseObject({ resourceChanges: z.record(z.string(), z.number()).nullish() }),
});
const diagnosticSchema = z.looseObject({
  diagnosticEvent: z.looseObject({ severity: z.string(), message: z.string() }),
});

export type EngineReport = {
  /** Counts by operation; undefined where the run did not get that far. */
  changes: Readonly<Record<string, number>> | undefined;
  /** What the engine and the program say is wrong. */
  errors: readonly string[];
};

/** What `pulumi up --json` prints: one JSON document a line, the summary last. */
export function readEngineReport(output: string): EngineReport {
  const events = output.split('\n').flatMap(eventOf);
  const summaries = events.flatMap((event) => summarySchema.safeParse(event).data ?? []);
  const diagnostics = events.flatMap((event) => diagnosticSchema.safeParse(event).data ?? []);
  const last = summaries.at(-1);
  return {
    changes: last === undefined ? undefined : (last.summaryEvent.resourceChanges ?? {}),
    errors: diagnostics
      .filter(({ diagnosticEvent }) => diagnosticEvent.severity === 'error')
      .flatMap(({ diagnosticEvent }) => plain(diagnosticEvent.message).trim().split('\n')),
  };
}

/** `same` alone is no change. */
export function isUnchanged({ changes }: EngineReport): boolean {
  return (
    changes !== undefined &&
    Object.entries(changes).every(([operation, count]) => operation === 'same' || count === 0)
  );
}

function eventOf(line: string): unknown[] {
  const event = line.startsWith('{') ? jsonIn(line) : undefined;
  return event === undefined ? [] : [event];
}

/** Events keep the engine's own marks for colours. */
function plain(message: string): string {
  return message.replaceAll(/<\{%[^%]*%\}>/g, '');
}
