import { randomBytes } from 'node:crypto';
import { readlink, rename, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Points a link somewhere else in one rename: whoever looks sees the old target or the new one. */
export async function swapLink(link: string, target: string): Promise<void> {
  if ((await linkTarget(link)) === target) return;
  const temporary = path.join(path.dirname(link), `.link-${process.pid}-${randomBytes(4).toString('hex')}`);
  await symlink(target, temporary);
  await rename(temporary, link);
}

/** Where a link leads, or undefined where there is none. */
export async function linkTarget(link: string): Promise<string | undefined> {
  return readlink(link).catch(() => undefined);
}
