import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactorOf } from '../../../scripts/domain/secrets/known-secrets.ts';
import { passwordIn, withoutPassword } from '../../../scripts/domain/secrets/url-password.ts';

test('leaves no known secret in a text, however a URL or JSON spells it', () => {
  const secret = fc
    .string({ minLength: 4, maxLength: 20, unit: 'grapheme' })
    .filter((value) => !'[NAME]'.includes(value));
  fc.assert(
    fc.property(secret, fc.string(), (value, around) => {
      const text = `${around}${value} ${JSON.stringify({ value })}`;
      expect(redactorOf({ NAME: value })(text)).not.toContain(value);
    }),
  );
  const redact = redactorOf({ KEY: 'p&ss"word' });
  expect(redact('a=p%26ss%22word {"k":"p&ss\\"word"}')).toBe('a=[KEY] {"k":"[KEY]"}');
});

test('leaves values that are too short to be secrets, and replaces the longest first', () => {
  expect(redactorOf({ DEBUG: '1' })('port 8011')).toBe('port 8011');
  expect(redactorOf({ A: 'abcd', B: 'abcdef' })('abcdef')).toBe('[B]');
});

test('takes the password out of a URL and nothing out of anything else', () => {
  expect(withoutPassword('redis://:s%40crt@host:6379/0')).toBe('redis://host:6379/0');
  expect(passwordIn('redis://:s%40crt@host:6379/0')).toBe('s@crt');
  expect(withoutPassword('just text: a@b')).toBe('just text: a@b');
  expect(passwordIn('http://host/')).toBeUndefined();
});
