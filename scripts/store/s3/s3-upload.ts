import { errored } from '../../domain/errors.ts';
import { elementIn } from './aws-answer.ts';
import type { S3Exchange, S3Outcome } from './s3-exchange.ts';

/** All of a stream that lies in memory; S3 takes 10,000 parts, so 156 GiB an object. */
export const partBytes = 16 * 1024 * 1024;
const mostParts = 10_000;

/** An object in parts. Nothing of it is visible before its completion, which bears the condition. */
export class S3Upload {
  readonly #exchange: S3Exchange;
  readonly #key: string;
  readonly #id: string;
  readonly #etags: string[] = [];

  /** `headers`: the object's metadata. */
  static async begin(
    exchange: S3Exchange,
    key: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<S3Upload> {
    const { answer } = await exchange.send({
      method: 'POST',
      key,
      headers,
      query: { uploads: '' },
      expected: [200],
    });
    return new S3Upload(exchange, key, elementIn(answer.body, 'UploadId'));
  }

  private constructor(exchange: S3Exchange, key: string, id: string) {
    this.#exchange = exchange;
    this.#key = key;
    this.#id = id;
  }

  /** Each part but the last has at least 5 MiB. */
  async add(bytes: Uint8Array): Promise<void> {
    const number = this.#etags.length + 1;
    if (number > mostParts) {
      throw errored(`${this.#key} is larger than S3 takes: ${mostParts} parts of ${partBytes} bytes`, {
        fix: 'Leave data out of the release.',
      });
    }
    const { answer } = await this.#exchange.send({
      method: 'PUT',
      key: this.#key,
      body: bytes,
      expected: [200],
      query: { partNumber: String(number), uploadId: this.#id },
    });
    this.#etags.push(answer.headers.etag ?? '');
  }

  /**
   * 200: it stands; 412: another object stands; 404: the upload is gone, completed by a try whose answer was
   * lost, or aborted.
   */
  async complete(headers: Readonly<Record<string, string>>): Promise<S3Outcome> {
    const parts = this.#etags.map(
      (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    );
    const body = new TextEncoder().encode(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
    );
    return this.#exchange.send({
      method: 'POST',
      key: this.#key,
      query: { uploadId: this.#id },
      body,
      mayFailLate: true,
      headers: { ...headers, 'content-type': 'application/xml' },
      expected: [200, 404, 412],
    });
  }

  /** Without it the parts are paid for until the bucket's rule for uploads takes them. */
  async abandon(): Promise<void> {
    const query = { uploadId: this.#id };
    await this.#exchange
      .send({ method: 'DELETE', key: this.#key, query, expected: [204, 200, 404] })
      .catch(() => undefined);
  }
}

/** A stream in parts of `size` bytes, the last with what is left. Good until the next is asked for. */
export async function* partsOf(
  body: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Uint8Array; last: boolean }> {
  const part = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of body) {
    for (let taken = 0; taken < chunk.length; ) {
      if (filled === size) {
        yield { bytes: part, last: false };
        filled = 0;
      }
      const piece = chunk.subarray(taken, taken + size - filled);
      part.set(piece, filled);
      filled += piece.length;
      taken += piece.length;
    }
  }
  yield { bytes: part.subarray(0, filled), last: true };
}
