import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, constants, mkdir, readFile, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import type { Settings } from './settings.ts';

/** lockstep.yaml: limits.bodyMiB. */
const maximumBytes = 10 * 1024 * 1024;

export type Upload = { id: string; name: string; rows: number };
export type UploadProblem = { status: number; problem: string };

export interface Uploads {
  /** Takes the file of the form field `file`. A file appears whole or not at all. */
  receive(request: IncomingMessage): Promise<Upload | UploadProblem>;
  /** Throws ENOENT where the file is not on this host. */
  read(id: string): Promise<string>;
  check(): Promise<void>;
}

export async function openUploads(settings: Settings): Promise<Uploads> {
  // `uploads` in the release is a link to the directory that all hosts share (lockstep.yaml:
  // directories.shared).
  const shared = path.resolve(import.meta.dirname, '../uploads');
  const directory = settings.uploads === 'shared' ? shared : path.join(tmpdir(), 'intake-uploads');
  await mkdir(directory, { recursive: true });
  return {
    receive: (request) => receive(request, directory),
    read: (id) => readFile(path.join(directory, `${id}.csv`), 'utf8'),
    check: () => access(directory, constants.W_OK),
  };
}

async function receive(request: IncomingMessage, directory: string): Promise<Upload | UploadProblem> {
  const id = randomUUID();
  const draft = path.join(directory, `.${id}.part`);
  let form: ReturnType<typeof busboy>;
  try {
    form = busboy({ headers: request.headers, limits: { files: 1, fields: 10, fileSize: maximumBytes } });
  } catch {
    return { status: 415, problem: 'send the file as a form (multipart/form-data)' };
  }
  let received: Promise<{ name: string; tooLarge: boolean } | undefined> | undefined;
  form.on('file', (field, stream, { filename }) => {
    if (field !== 'file' || received !== undefined) return void stream.resume();
    received = pipeline(stream, createWriteStream(draft, { mode: 0o640 })).then(
      () => ({ name: path.basename(filename ?? 'upload.csv'), tooLarge: stream.truncated === true }),
      (error) => void form.destroy(error),
    );
  });
  try {
    await pipeline(request, form);
    const file = await received;
    if (file === undefined) return { status: 400, problem: 'the form has no file in its field "file"' };
    if (file.tooLarge) return { status: 413, problem: `a file may have ${maximumBytes} bytes at most` };
    const rows = Math.max(0, (await readFile(draft, 'utf8')).split(/\r?\n/).filter(Boolean).length - 1);
    await rename(draft, path.join(directory, `${id}.csv`));
    return { id, name: file.name, rows };
  } finally {
    await rm(draft, { force: true });
  }
}
