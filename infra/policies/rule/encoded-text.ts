import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';

/** Base64 long enough to hold a line of text; hashes and ids of this length don't decode to text. */
const run = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=])/g;

/** User data may hold files that are encoded once more. */
const depth = 3;

/**
 * What is packed in base64 or gzip written out between ⟦ and ⟧, so that what hosts run can be compared and
 * read.
 */
export function decodeText(text: string, left = depth): string {
  if (left === 0) return text;
  return text.replace(run, (encoded) => {
    const decoded = decode(encoded);
    return decoded === undefined ? encoded : `⟦${decodeText(decoded, left - 1)}⟧`;
  });
}

function decode(encoded: string): string | undefined {
  if (encoded.length % 4 !== 0) return undefined;
  const packed = Buffer.from(encoded, 'base64');
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzip(packed) : packed;
  if (bytes === undefined || !isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells bytes from text.
  return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text) ? undefined : text;
}

function gunzip(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed);
  } catch {
    return undefined;
  }
}
