/**
 * Could ElastiCache have taken this as a password? 16 to 128 printable characters ("Role-Based Access
 * Control" in the ElastiCache guide); what else it refuses, it says itself.
 */
export function couldBeRedisPassword(value: string): boolean {
  return /^[\x21-\x7e]{16,128}$/.test(value);
}

/** 256 bits in 64 hexadecimal digits: no sign that ElastiCache, a URL or a shell would take amiss. */
export function redisPasswordOf(random: Uint8Array): string {
  return Buffer.from(random).toString('hex');
}
