import { usage } from '../errors.ts';

/** The limit of Secrets Manager ("Quotas"): a value that fits one target fits every target. */
const maximumSecretBytes = 64 * 1024;

/** @throws LockstepError usage */
export function checkSecretName(name: string): void {
  if (/^[A-Z][A-Z0-9_]{0,127}$/.test(name)) return;
  throw usage(`${JSON.stringify(name)} is not a valid secret name`, {
    fix: 'Use upper-case letters, digits and _, as declared under secrets in lockstep.yaml.',
  });
}

/** Every target takes the same values. @throws LockstepError usage; the message never holds the value */
export function checkSecretValue(name: string, value: string): void {
  const bytes = new TextEncoder().encode(value).length;
  if (bytes === 0) throw usage(`the value of ${name} is empty`, { fix: 'Give it on standard input.' });
  if (bytes > maximumSecretBytes) {
    throw usage(`the value of ${name} has ${bytes} bytes; ${maximumSecretBytes} are allowed`, {
      fix: 'Keep large files out of secrets.',
    });
  }
  if (value.includes('\0')) {
    throw usage(`the value of ${name} holds a zero byte`, { fix: 'Encode it, for example as base64.' });
  }
}
