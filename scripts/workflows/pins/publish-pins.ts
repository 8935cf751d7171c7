import type { Pins } from '../../../infra/settings/schema/pins.ts';
import { sha256 } from '../../domain/canonical.ts';
import { type LockstepError, refused, usage } from '../../domain/errors.ts';
import { type PinnedFile, pinnedFiles } from '../../domain/pins/pin-publication.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { proveStoreConditions } from '../../store/store-conditions.ts';
import type { PinnedBytes } from '../ports/pins.ts';
import type { Reporter } from '../ports/reporter.ts';

export type Publication = { what: string; key: string; state: 'published' | 'there already' };

/**
 * Puts what every host needs to start into the release store, once: the agent and Node, under their SHA-256.
 * An object that is there already is left alone, so repeating this costs three small reads.
 *
 * @throws LockstepError usage while the pins are examples; refused when the bytes are not what is pinned.
 */
export async function publishPins(
  store: ObjectStore,
  bytes: PinnedBytes,
  { pins, reporter, signal }: { pins: Pins; reporter: Reporter; signal: AbortSignal },
): Promise<readonly Publication[]> {
  if (pins.example) {
    throw usage('infra/pins.json holds examples, which do not exist', {
      fix: 'Look up the real pins (lockstep pins update), commit them, then publish.',
    });
  }
  await proveStoreConditions(store);
  const publications: Publication[] = [];
  for (const file of pinnedFiles(pins.hosts)) {
    const { what, key } = file;
    signal.throwIfAborted();
    const state = await reporter.step(what, async (note) => {
      const there = (await store.get(key, { offset: 0, length: 1 })) !== undefined;
      const existed = there || (await store.putIfAbsent(key, await checkedBytes(bytes, file))) === 'exists';
      const outcome = existed ? 'there already' : 'published';
      note(outcome);
      return outcome;
    });
    publications.push({ what, key, state });
  }
  return publications;
}

async function checkedBytes(bytes: PinnedBytes, file: PinnedFile): Promise<Uint8Array> {
  const found =
    file.from === 'toolkit' ? await bytes.agent() : await bytes.nodeArchive(file.version, file.architecture);
  const actual = sha256(found);
  if (actual !== file.sha256) throw otherBytes(file, actual);
  return found;
}

function otherBytes({ what, from, sha256: pinned }: PinnedFile, actual: string): LockstepError {
  return refused(`${what} from ${from} does not match infra/pins.json; it was not published`, {
    details: [`pinned ${pinned}`, `found  ${actual}`],
    fix:
      from === 'toolkit'
        ? 'Publish from the commit whose agent is pinned, or pin this one: lockstep pins update.'
        : 'Compare with https://nodejs.org/dist/ before you pin another checksum: lockstep pins update.',
  });
}
