import type { Readable, Writable } from 'node:stream';
import { interrupted, usage } from '../../domain/errors.ts';

/** Standard input: a terminal has `setRawMode`, in which it echoes nothing. */
export type SecretSource = Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };

/**
 * One secret from standard input: all of it but the last line break, or, from a terminal, one line that is
 * not echoed. Never from an argument, which every process of the machine could read.
 *
 * @throws LockstepError usage beyond `maximumBytes`, interrupted on Ctrl-C and Ctrl-D
 */
export async function readSecret(
  source: SecretSource,
  prompt: { to: Writable; text: string },
  maximumBytes = 64 * 1024,
): Promise<string> {
  if (source.isTTY !== true) return withoutLineBreak(await readAll(source, maximumBytes));
  if (source.setRawMode === undefined) {
    throw usage('this terminal would show the secret', {
      fix: 'Pipe the value in: … | lockstep secret set ENV NAME',
    });
  }
  // Before the prompt: whoever answers quickly must not be echoed.
  source.setRawMode(true);
  try {
    prompt.to.write(prompt.text);
    return await readTypedLine(source, maximumBytes);
  } finally {
    source.setRawMode(false);
    source.pause();
    prompt.to.write('\n');
  }
}

async function readAll(source: Readable, maximumBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maximumBytes) throw tooLong(maximumBytes);
    chunks.push(bytes);
  }
  return decoded(Buffer.concat(chunks));
}

/** In raw mode the keys themselves arrive: Enter ends, Backspace takes one back, Ctrl-U all. */
async function readTypedLine(source: Readable, maximumBytes: number): Promise<string> {
  const typed: number[] = [];
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    for (const byte of Buffer.from(chunk)) {
      if (byte === 0x0d || byte === 0x0a) return decoded(Buffer.from(typed));
      if (byte === 0x03 || byte === 0x04) throw interrupted('interrupted while the secret was typed');
      if (byte === 0x7f || byte === 0x08) takeBackOne(typed);
      else if (byte === 0x15) typed.length = 0;
      else typed.push(byte);
      if (typed.length > maximumBytes) throw tooLong(maximumBytes);
    }
  }
  throw interrupted('the terminal was closed while the secret was typed');
}

/** One character of UTF-8: its following bytes start with the bits 10. */
function takeBackOne(typed: number[]): void {
  let byte = typed.pop();
  while (byte !== undefined && (byte & 0xc0) === 0x80) byte = typed.pop();
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usage('the secret is not UTF-8', { fix: 'Encode it, for example as base64.' });
  }
}

function tooLong(maximumBytes: number) {
  return usage(`the secret is longer than ${maximumBytes} bytes`, {
    fix: 'Keep large files out of secrets.',
  });
}
