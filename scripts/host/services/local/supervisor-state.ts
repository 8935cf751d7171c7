import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../../machine/atomic-file.ts';
import { ensureDirectory } from '../../../machine/directory.ts';
import { processIdentitySchema } from '../../../machine/process-identity.ts';
import { type UnitStatus, unitSchema } from '../../place/supervisor.ts';

/**
 * What the local supervisor writes down, so that the next one can go on after a kill -9. `attempt` is written
 * before a process is started and names the claim file that the process leaves (see service-process.ts).
 */
const unitRecordSchema = z.strictObject({
  unit: unitSchema,
  attempt: z.string().nullable(),
  process: processIdentitySchema.nullable(),
  startedAt: z.iso.datetime().nullable(),
  restarts: z.int().nonnegative(),
  lastExit: z.string().nullable(),
});
export type UnitRecord = z.infer<typeof unitRecordSchema>;

const supervisorStateSchema = z.strictObject({ units: z.array(unitRecordSchema) });

/**
 * The records, empty where no supervisor ever ran. Mode 0600: commands may hold what an app put into its
 * arguments.
 */
export async function readSupervisorState(directory: string): Promise<UnitRecord[]> {
  let text: string;
  try {
    text = await readFile(path.join(directory, 'state.json'), 'utf8');
  } catch {
    return [];
  }
  return supervisorStateSchema.parse(JSON.parse(text)).units;
}

/** No fsync: after a power failure no process of it lives, and `boot` starts anew. */
export async function writeSupervisorState(directory: string, units: readonly UnitRecord[]): Promise<void> {
  await ensureDirectory(directory, 0o700);
  await writeAtomically(path.join(directory, 'state.json'), JSON.stringify({ units }), { fsync: false });
}

export function statusOf({ unit, process, startedAt, restarts, lastExit }: UnitRecord): UnitStatus {
  return {
    content: unit.content,
    process: {
      service: unit.service,
      pid: process?.pid ?? null,
      startedAt: process === null ? null : startedAt,
      restarts,
      lastExit,
    },
  };
}
