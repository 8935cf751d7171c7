import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  openSync,
  readSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import type { RegularFile } from './fetch-plan.ts';

const buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Writes one new file of a release and hashes what it writes. */
export class FileWriter {
  readonly file: RegularFile;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  readonly #mtimeSeconds: number;
  #size = 0;

  constructor(path: string, file: RegularFile, mtimeSeconds: number) {
    this.file = file;
    this.#path = path;
    this.#mtimeSeconds = mtimeSeconds;
    this.#descriptor = openSync(path, 'wx', 0o600);
  }

  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
  }

  /** Closes the file; false, and the file is gone, when its bytes aren't what the manifest says. */
  finish(): boolean {
    const sound = this.#size === this.file.size && this.#hash.digest('hex') === this.file.sha256;
    if (!sound) {
      this.discard();
      return false;
    }
    fchmodSync(this.#descriptor, Number.parseInt(this.file.mode, 8));
    futimesSync(this.#descriptor, this.#mtimeSeconds, this.#mtimeSeconds);
    closeSync(this.#descriptor);
    return true;
  }

  discard(): void {
    closeSync(this.#descriptor);
    unlinkSync(this.#path);
  }
}

/** Copies a file that should have the writer's content; false when it doesn't, or can't be read. */
export function copyVerified(source: string, writer: FileWriter): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    writer.discard();
    return false;
  }
  try {
    const status = fstatSync(descriptor);
    let left = status.isFile() && status.size === writer.file.size ? status.size : 0;
    while (left > 0) {
      const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, left), null);
      if (count === 0) break;
      writer.write(buffer.subarray(0, count));
      left -= count;
    }
  } finally {
    closeSync(descriptor);
  }
  return writer.finish();
}

export function sealDirectory(directory: string, mtimeSeconds: number): void {
  chmodSync(directory, 0o555);
  utimesSync(directory, mtimeSeconds, mtimeSeconds);
}
