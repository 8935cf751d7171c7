/**
 * How readers of YAML understand a value that stands without quotes. Pulumi reads by Go's yaml.v3, which
 * knows much of YAML 1.1 (leading zeros are octal, underscores are skipped, dates are times); this project's
 * own parser reads YAML 1.2.
 */
export type Reading =
  | { kind: 'text' | 'nothing' | 'boolean' | 'number' | 'date' }
  /** Read in more than one way, or in one way that surprises: what somebody makes of it. */
  | { kind: 'ambiguous'; by: 'Pulumi' | 'YAML 1.1'; as: string };

const nothing = new Set(['', '~', 'null', 'Null', 'NULL']);
const booleans = new Set(['true', 'True', 'TRUE', 'false', 'False', 'FALSE']);
/** Booleans of YAML 1.1 that are text in YAML 1.2: `country: no`. */
const formerBooleans = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const wholeNumber = /^(0|-?[1-9]\d*)$/;
const decimal = /^-?(0|[1-9]\d*)\.\d+$/;
const anyNumber = /^[-+]?(0x[\da-f]+|0o[0-7]+|0b[01]+|(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?)$/i;
const base60 = /^[-+]?[\d_]*\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/;
const notFinite = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
/**
 * A day, with or without a time; `2027-03-31 00:00:00 +0000 UTC`, as Go prints one, is text to every reader.
 */
const date = /^\d{4}-\d\d?-\d\d?(([Tt]|\s+)\d\d?:\d\d?(:\d\d?)?(\.\d*)?(\s*(Z|[-+]\d\d?(:?\d\d)?))?)?$/;

/**
 * @param source as it is written, without the blanks around it
 * @param inBrackets whether it stands in `[…]` or `{…}`, where a question mark ends it for Pulumi
 */
export function readingOf(source: string, inBrackets = false): Reading {
  if (nothing.has(source)) return { kind: 'nothing' };
  if (booleans.has(source)) return { kind: 'boolean' };
  if (formerBooleans.test(source)) {
    return { kind: 'ambiguous', by: 'YAML 1.1', as: /^[yYoO][^fF]*$/.test(source) ? 'true' : 'false' };
  }
  if (/^[?:]/.test(source) || (inBrackets && source.includes('?')))
    return { kind: 'ambiguous', by: 'Pulumi', as: 'a sign of YAML itself' };
  if (date.test(source)) return { kind: 'date' };
  if (notFinite.test(source)) return { kind: 'ambiguous', by: 'Pulumi', as: 'a number that is not finite' };
  if (base60.test(source)) return { kind: 'ambiguous', by: 'YAML 1.1', as: 'a number to the base of 60' };
  const digits = source.replaceAll('_', '');
  if (!anyNumber.test(digits)) return { kind: 'text' };
  if (isPlainNumber(source)) return { kind: 'number' };
  const number = numberIn(digits);
  return { kind: 'ambiguous', by: 'Pulumi', as: Number.isFinite(number) ? `the number ${number}` : 'text' };
}

/** Every reader sees the same number, and JavaScript holds it exactly. */
function isPlainNumber(source: string): boolean {
  if (wholeNumber.test(source)) return Number.isSafeInteger(Number(source));
  return (
    decimal.test(source) &&
    source.replace(/^-?0*\.?0*/, '').length <= 16 &&
    (Number(source) !== 0 || !source.startsWith('-'))
  );
}

/** As Go's `strconv.ParseInt` with base 0 reads it, and its `ParseFloat` where that is no whole number. */
function numberIn(digits: string): number {
  const sign = digits.startsWith('-') ? -1 : 1;
  const body = digits.replace(/^[-+]/, '');
  const octal = /^0o?([0-7]+)$/i.exec(body)?.[1];
  return sign * (octal === undefined ? Number(body) : Number.parseInt(octal, 8));
}
