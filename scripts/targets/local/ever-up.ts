import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { nameSchema } from '../../../infra/settings/config.ts';
import { ignoring } from '../../machine/system-error.ts';

export type TwinName = { app: string; environment: string };

/** The environments that have a directory below `places` (`<app>/<environment>`). */
export async function everUp(places: string): Promise<TwinName[]> {
  const apps = await directoriesIn(places);
  const found = apps.map(async (app) =>
    (await directoriesIn(path.join(places, app))).map((environment) => ({ app, environment })),
  );
  return (await Promise.all(found)).flat();
}

async function directoriesIn(directory: string): Promise<string[]> {
  const entries = (await ignoring(['ENOENT'], () => readdir(directory, { withFileTypes: true }))) ?? [];
  return entries
    .filter((entry) => entry.isDirectory() && nameSchema.safeParse(entry.name).success)
    .map(({ name }) => name)
    .sort();
}
