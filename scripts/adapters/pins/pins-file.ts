import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findingsOf, problemOf, renderProblem } from '../../../infra/settings/problems/problems.ts';
import { type Pins, pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { usage } from '../../domain/errors.ts';
import { readHandwritten } from '../../machine/handwritten-file.ts';

const directory = fileURLToPath(new URL('../../../infra', import.meta.url));
const name = 'pins.json';

/** Beside the program that it belongs to: every environment of every project uses the same. */
const pinsFile = { directory, name } as const;

/** @throws LockstepError usage with a line for each problem. */
export async function readPins({ directory, name } = pinsFile): Promise<Pins> {
  const text = await readHandwritten(directory, name);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw usage(`infra/${name} is not JSON`, { fix: 'Take it from git again.', cause: error });
  }
  const parsed = pinsSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = findingsOf(parsed.error, pinsSchema, raw).map((finding) =>
    renderProblem(problemOf(finding, { file: `infra/${name}`, root: raw })),
  );
  throw usage(`infra/${name} has ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}`, {
    details: problems,
    fix: 'Take it from git again, or correct what is listed.',
  });
}

export async function writePins(pins: Pins, { directory, name } = pinsFile): Promise<void> {
  await writeFile(`${directory}/${name}`, `${JSON.stringify(pins, null, 2)}\n`);
}
