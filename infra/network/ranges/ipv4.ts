/** A range of IPv4 addresses, as numbers from 0 to 2^32 - 1. */
export type Range = { first: number; last: number; prefix: number };

/**
 * @param cidr an address and a prefix, such as 10.20.0.0/16
 * @returns the range that holds the address, or undefined for anything else
 */
export function parseRange(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [a, b, c, d, prefix] = (match ?? []).slice(1).map(Number);
  if (a === undefined || b === undefined || c === undefined || d === undefined || prefix === undefined) {
    return undefined;
  }
  if (Math.max(a, b, c, d) > 255 || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return { first, last: first + size - 1, prefix };
}

export function overlap(left: Range, right: Range): boolean {
  return left.first <= right.last && right.first <= left.last;
}

export function parseAddress(address: string): number | undefined {
  return parseRange(`${address}/32`)?.first;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
