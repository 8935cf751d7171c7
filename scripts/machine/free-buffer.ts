/**
 * Gives the memory of bytes back at once, with the whole buffer that they lie in; afterwards they are empty.
 * V8 counts a buffer as the few bytes of its handle, and would let megabytes lie until it tidies up for
 * another reason.
 *
 * Only for bytes whose buffer nobody else reads. Node's pool of small ones is left alone.
 */
export function freeBuffer({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
