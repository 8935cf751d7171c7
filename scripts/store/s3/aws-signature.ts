import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { sha256 } from '../../domain/canonical.ts';
import type { AwsCredentials } from './aws-credentials.ts';

export type UnsignedRequest = {
  method: string;
  /** Percent-encoded, and sent as it stands here. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** `host` among them; lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | undefined;
};

/**
 * The headers of a request with those of Signature Version 4 added. The body's hash is signed with them, so
 * that AWS refuses bytes that changed on their way. Services but S3 encode a path twice, and are asked at `/`
 * alone.
 */
export async function signedHeaders(
  request: UnsignedRequest,
  region: string,
  credentials: AwsCredentials,
  service = 's3',
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    // As S3 alone wants it: the path is encoded once.
    uriEscapePath: false,
    applyChecksum: false,
  });
  const { headers } = await signer.sign({
    method: request.method,
    protocol: 'https:',
    hostname: request.headers.host ?? '',
    path: request.path,
    query: { ...request.query },
    headers: { ...request.headers, 'x-amz-content-sha256': sha256(request.body ?? new Uint8Array()) },
  });
  return headers;
}

type Source = string | ArrayBuffer | ArrayBufferView;

/** Node's own hash, as the signer asks for one. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Source) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', viewOf(secret));
  }

  update(data: Source): void {
    this.#hash.update(viewOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function viewOf(data: Source): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
