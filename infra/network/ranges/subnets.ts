import { formatAddress, parseRange } from './ipv4.ts';

/** The three ranges of one availability zone. */
export type SubnetPlan = { zone: string; public: string; private: string; isolated: string };

/** What EC2 takes for a VPC and for a subnet: /16 to /28 (CreateVpc, CreateSubnet). */
const largest = 16;
const smallest = 28;
/**
 * A load balancer asks for /27 and eight free addresses in each of its subnets (ELB: "Subnets for your load
 * balancer").
 */
const smallestPublic = 27;
/** Four quarters: one private range for each of at most three zones; the last holds what is small. */
const privateBits = 2;
const smallBits = 5;
const maxZones = 3;

/**
 * Tiles a VPC. Each zone's private range is a quarter of it, because hosts live there; public and isolated
 * ranges are thirty-seconds of it, cut from the last quarter (its fourth and eighth parts stay free).
 *
 * A zone's ranges depend on its position alone, so that a third zone can join two without replacing a subnet.
 *
 * @throws RangeError with the numbers and the fix.
 */
export function planSubnets(cidr: string, zones: readonly string[]): SubnetPlan[] {
  const { base, prefix } = parseVpcRange(cidr);
  if (zones.length < 1 || zones.length > maxZones) {
    throw new RangeError(
      `${zones.length} zones don't fit into ${cidr}: 1 to ${maxZones} do. Fix: name at most ${maxZones}.`,
    );
  }
  const twice = zones.find((zone, index) => zones.indexOf(zone) !== index);
  if (twice !== undefined) throw new RangeError(`zone ${twice} is named twice. Fix: name each zone once.`);
  if (prefix + smallBits > smallestPublic) {
    throw new RangeError(
      `${cidr} gives public subnets of /${prefix + smallBits}, and a load balancer needs /${smallestPublic} or larger. ` +
        `Fix: give the VPC /${smallestPublic - smallBits} or larger.`,
    );
  }
  const small = 2 ** (32 - prefix - smallBits);
  const quarter = 2 ** (32 - prefix - privateBits);
  const lastQuarter = base + 3 * quarter;
  return zones.map((zone, index) => ({
    zone,
    public: formatCidr(lastQuarter + index * small, prefix + smallBits),
    private: formatCidr(base + index * quarter, prefix + privateBits),
    isolated: formatCidr(lastQuarter + (4 + index) * small, prefix + smallBits),
  }));
}

function parseVpcRange(cidr: string): { base: number; prefix: number } {
  const range = parseRange(cidr);
  if (range === undefined) {
    throw new RangeError(
      `${JSON.stringify(cidr)} is not an IPv4 range. Fix: write one such as 10.20.0.0/16.`,
    );
  }
  const { first, prefix } = range;
  if (prefix < largest || prefix > smallest) {
    throw new RangeError(
      `a VPC of /${prefix} (${cidr}): AWS takes /${largest} to /${smallest}. Fix: write one such as 10.20.0.0/16.`,
    );
  }
  if (formatCidr(first, prefix) !== cidr) {
    throw new RangeError(
      `${cidr} doesn't start where a /${prefix} starts. Fix: write ${formatCidr(first, prefix)}.`,
    );
  }
  return { base: first, prefix };
}

function formatCidr(base: number, prefix: number): string {
  return `${formatAddress(base)}/${prefix}`;
}
