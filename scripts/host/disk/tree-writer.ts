import { createHash, type Hash, hash } from 'node:crypto';
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
  readonly #mtimeSeconds: number;
  #size = 0;
  /**
   * Of what came in one piece. A hash object for each of 20,000 files would be 20 MB of memory that V8
   * doesn't see.
   */
  #whole: string | undefined;
  #pieces: Hash | undefined;

  constructor(path: string, file: RegularFile, mtimeSeconds: number) {
    this.file = file;
    this.#path = path;
    this.#mtimeSeconds = mtimeSeconds;
    this.#descriptor = openSync(path, 'wx', 0o600);
  }

  write(bytes: Uint8Array): void {
    if (this.#size === 0 && bytes.length === this.file.size) this.#whole = hash('sha256', bytes);
    else {
      this.#pieces ??= createHash('sha256');
      this.#pieces.update(bytes);
    }
    this.#size += bytes.length;
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
  }

  /** Closes the file; false, and the file is gone, when its bytes aren't what the manifest says. */
  finish(): boolean {
    const digest = this.#pieces?.digest('hex') ?? this.#whole ?? hash('sha256', '');
    if (this.#size !== this.file.size || digest !== this.file.sha256) {
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
