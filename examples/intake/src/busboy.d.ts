/** The part of busboy that this app uses; the package brings no types of its own. */
declare module 'busboy' {
  import type { IncomingHttpHeaders } from 'node:http';
  import type { Readable, Writable } from 'node:stream';

  interface FileStream extends Readable {
    /** Set at the end of a file that was longer than `limits.fileSize`. */
    truncated?: boolean;
  }
  interface Form extends Writable {
    on(
      event: 'file',
      listener: (field: string, stream: FileStream, info: { filename?: string }) => void,
    ): this;
    on(event: string, listener: (...values: unknown[]) => void): this;
  }
  export default function busboy(options: {
    headers: IncomingHttpHeaders;
    limits: { files: number; fields: number; fileSize: number };
  }): Form;
}
