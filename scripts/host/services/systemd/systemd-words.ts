import { errored } from '../../../domain/errors.ts';

/**
 * Text of any kind, written so that systemd reads it as it was. Pure. Unicode's noncharacters are refused:
 * systemd holds text with one for broken UTF-8 (unichar_is_valid in its utf8.c), in files and in what it says
 * over D-Bus.
 */
const noncharacter = /\p{Noncharacter_Code_Point}/u;

/**
 * The rest of a line, where nothing but specifiers mean something.
 * @throws LockstepError errored for a control character.
 */
export function plain(text: string): string {
  if (/\p{Cc}/u.test(text) || noncharacter.test(text))
    throw errored(`${JSON.stringify(text)} holds a control character`);
  return text.replaceAll('%', '%%');
}

/**
 * One word of a command or a list (systemd.syntax(7), "Quoting"). A `$` in a command must be switched off by
 * `:`.
 * @throws LockstepError errored for NUL and noncharacters.
 */
export function quoted(word: string): string {
  if (word.includes('\0') || noncharacter.test(word))
    throw errored(`${JSON.stringify(word)} can't be a word of a command under systemd`, {
      fix: 'Take NUL and the noncharacters of Unicode out of it.',
    });
  const escaped = word.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%');
  return `"${escaped.replaceAll(/\p{Cc}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/**
 * A line for Exec*=: no specifier, variable or separator is seen in it. `how`: systemd's signs before the
 * program.
 * @throws LockstepError errored for a program whose path systemd refuses.
 */
export function commandLine([program = '', ...rest]: readonly string[], how = ''): string {
  if (/[\p{Cc}"'\\]/u.test(program))
    throw errored(
      `${JSON.stringify(program)} can't be a program: no quotes, backslashes or control characters`,
    );
  return [`:${how}${program}`, ...rest].map(quoted).join(' ');
}

/**
 * An EnvironmentFile=: values in double quotes, in which systemd unescapes `"`, `\`, `$` and the backtick and
 * takes everything else as it is, ends of lines included.
 * @throws LockstepError errored for what systemd would leave out: names with other signs than letters, digits
 * and _, values with NUL or noncharacters. The value is not shown.
 */
export function renderEnvironmentFile(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0') || noncharacter.test(value))
        throw errored(`${JSON.stringify(name)} can't be a variable of a service under systemd`, {
          fix: 'Names are letters, digits and _; values hold neither NUL nor noncharacters of Unicode.',
        });
      return `${name}="${value.replaceAll(/["\\$`]/g, '\\$&')}"\n`;
    })
    .join('');
}
