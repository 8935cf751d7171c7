import fc from 'fast-check';

/** Signs that mean something to a shell, to systemd, or to whoever splits lines. */
const sharp = [
  ...[
    '$',
    '%',
    '"',
    "'",
    '\\',
    '\n',
    '\r',
    '`',
    ';',
    '#',
    ' ',
    '=',
    '\t',
    '{',
    '}',
    '\u001b',
    '\u0085',
    '\ufeff',
  ],
  ...['$HOME', '${HOME}', '%n', '%%', '\\n', '\\;', '-', '@', '+'],
];

/** Any text that a process can be given, but for the noncharacters of Unicode. */
export const hardWord = fc
  .array(fc.oneof(fc.constantFrom(...sharp), fc.string({ unit: 'binary', maxLength: 10 })), { maxLength: 8 })
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())
  .map((word) => word.replaceAll(/\p{Noncharacter_Code_Point}/gu, ''));
