/**
 * Gives the memory of bytes back at once; afterwards they are empty. V8 counts a buffer as the few bytes of its handle, and
 * would let megabytes lie until it tidies up for another reason. Bytes that are less than half of their buffer are left
 * alone, and so is Node's pool, which never gives away more than half of itself.
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength < 2 * byteLength) buffer.transfer(0);
}
