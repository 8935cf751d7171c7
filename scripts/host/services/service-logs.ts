import { open } from 'node:fs/promises';
import { redactorOf } from '../../domain/secrets/known-secrets.ts';
import { passwordIn } from '../../domain/secrets/url-password.ts';
import type { Activation } from '../disk/activations.ts';
import { type Host, hostPaths } from '../place/host.ts';

/** Enough for the longest tail that may be asked for; lines are cut too. */
const tailBytes = 512 * 1024;
const longestLine = 2_000;

/** The last lines of a service's log, secrets replaced by their names. Empty where it never wrote. */
export async function tailLog(
  host: Host,
  service: string,
  lines: number,
  activation: Activation | undefined,
): Promise<string[]> {
  const redact = redactorOf(activation === undefined ? {} : secretsIn(activation));
  const text = await readEnd(hostPaths(host.root).log(service));
  const found = text.replace(/\n$/, '').split('\n');
  return text === '' ? [] : found.slice(-lines).map((line) => redact(line).slice(0, longestLine));
}

/** Every secret that the services of an activation were given: declared ones and passwords in bindings. */
function secretsIn(activation: Activation): Record<string, string> {
  const secrets: Record<string, string> = {};
  for (const environment of Object.values(activation.environments)) {
    for (const { name } of activation.facts.secrets) {
      const value = environment[name];
      if (value !== undefined) secrets[name] = value;
    }
  }
  for (const [name, value] of Object.entries(activation.facts.bindings)) {
    const password = passwordIn(value);
    if (password !== undefined) secrets[`${name} password`] = password;
  }
  return secrets;
}

async function readEnd(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}
