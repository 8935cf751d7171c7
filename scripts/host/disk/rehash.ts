import { createHash, hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import path from 'node:path';
import type { Damage } from '../../domain/order/attestation.ts';
import type { FileEntry, ReleaseManifest } from '../../domain/release/release.ts';
import { yieldRegularly } from '../../machine/yield-regularly.ts';

const reported = 100;
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

/**
 * Reads every byte of a release's directory and names what differs from its manifest: content, mode, link
 * target or type changed; missing; extra. The root itself is `.`. Follows no link. Times are not compared:
 * they are not content.
 *
 * One thread: OpenSSL hashes faster than two processes of sha256sum, and a worker thread would cost 20 MB of
 * memory.
 */
export async function rehash(
  directory: string,
  manifest: ReleaseManifest,
  signal?: AbortSignal,
): Promise<Damage> {
  const yieldNow = yieldRegularly(signal);
  const expected = new Map(manifest.files.map((entry) => [entry.path, entry]));
  const damage = new DamageList();
  const pending = [''];
  if (!isDirectory(directory)) pending.pop();
  else if (!hasMode(directory, 0o555)) damage.add('changed', '.');

  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for (const name of readdirSync(path.join(directory, parent))) {
      const relative = parent === '' ? name : `${parent}/${name}`;
      const entry = expected.get(relative);
      if (entry === undefined) {
        damage.add('extra', relative);
        continue;
      }
      expected.delete(relative);
      const file = path.join(directory, relative);
      if (!isAsExpected(file, entry)) damage.add('changed', relative);
      if (entry.type === 'directory' && isDirectory(file)) pending.push(relative);
      await yieldNow();
    }
  }
  for (const missing of expected.keys()) damage.add('missing', missing);
  return damage.result();
}

class DamageList {
  readonly #lists: Record<'changed' | 'missing' | 'extra', string[]> = {
    changed: [],
    missing: [],
    extra: [],
  };
  #count = 0;

  add(kind: 'changed' | 'missing' | 'extra', file: string): void {
    this.#lists[kind].push(file);
    this.#count += 1;
  }

  result(): Damage {
    const cut = (list: string[]) => list.sort().slice(0, reported);
    const { changed, missing, extra } = this.#lists;
    return { changed: cut(changed), missing: cut(missing), extra: cut(extra), count: this.#count };
  }
}

function isAsExpected(file: string, entry: FileEntry): boolean {
  try {
    switch (entry.type) {
      case 'directory':
        return isDirectory(file) && hasMode(file, 0o555);
      case 'link':
        return readlinkSync(file) === entry.target;
      case 'file':
        return hasContent(file, entry);
    }
  } catch {
    // Gone since it was listed, of another type, or unreadable: not as expected.
    return false;
  }
}

function hasContent(file: string, entry: Extract<FileEntry, { type: 'file' }>): boolean {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size !== entry.size) return false;
    if ((status.mode & 0o7777) !== Number.parseInt(entry.mode, 8)) return false;
    return contentHash(descriptor, entry.size) === entry.sha256;
  } finally {
    closeSync(descriptor);
  }
}

function contentHash(descriptor: number, size: number): string {
  // The one-shot hash spares small files an object each.
  if (size <= buffer.length)
    return hash('sha256', buffer.subarray(0, readSync(descriptor, buffer, 0, size, 0)));
  const whole = createHash('sha256');
  for (let count = 1; count > 0; ) {
    count = readSync(descriptor, buffer, 0, buffer.length, null);
    whole.update(buffer.subarray(0, count));
  }
  return whole.digest('hex');
}

function isDirectory(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function hasMode(file: string, mode: number): boolean {
  return (lstatSync(file).mode & 0o7777) === mode;
}
