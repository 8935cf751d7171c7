/**
 * Could ElastiCache have taken this as a password? 16 to 128 printable characters ("Role-Based Access
 * Control" in the ElastiCache guide); it reports by itself what else it refuses.
 */
export function couldBeRedisPassword(value: string): boolean {
  return /^[\x21-\x7e]{16,128}$/.test(value);
}

/**
 * 256 bits in 64 hexadecimal digits: no character that ElastiCache refuses or that a URL or a shell would
 * interpret.
 */
export function redisPasswordOf(random: Uint8Array): string {
  return Buffer.from(random).toString('hex');
}
