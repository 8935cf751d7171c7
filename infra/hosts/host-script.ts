/** EC2's limit, in bytes before base64 (EC2 user guide, "User data"). */
export const maximumUserDataBytes = 16_384;

export type HostFile = { mode: '0644' | '0755'; path: string; content: string };

const end = 'END-OF-LOCKSTEP-FILE';

/**
 * A script that cloud-init runs once: it writes files, each whole or not at all, and starts a unit that does
 * the work then and at every later start. Pure: equal steps give equal bytes, or each plan would replace the
 * launch template.
 *
 * @param about one line on what the host is
 * @param folders made first
 * @param steps files, or lines of the shell, in their order
 * @param unit enabled and started, not waited for
 * @param after lines that follow; their failure does not count against the host
 * @throws RangeError above 16,384 bytes
 */
export function renderHostScript(script: {
  about: string;
  folders: readonly string[];
  steps: readonly (HostFile | string)[];
  unit: string;
  after?: readonly string[];
}): string {
  const text = [
    '#!/bin/bash',
    `# Written by the cloud program: ${script.about}`,
    'set -euo pipefail',
    `mkdir -p ${script.folders.join(' ')}`,
    `put() { cat >"$2.part" && chmod "$1" "$2.part" && mv "$2.part" "$2"; }`,
    ...script.steps.map((step) => (typeof step === 'string' ? step : renderFile(step))),
    'systemctl daemon-reload',
    `systemctl enable -q ${script.unit}`,
    `systemctl start --no-block ${script.unit}`,
    ...(script.after ?? []),
    '',
  ].join('\n');
  const bytes = Buffer.byteLength(text);
  if (bytes <= maximumUserDataBytes) return text;
  throw new RangeError(
    `user data of ${bytes} bytes; EC2 takes at most ${maximumUserDataBytes}. Fix: fewer or shorter bindings and services`,
  );
}

/** One word of the shell, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A quoted here-document: the shell expands nothing in it. */
function renderFile({ mode, path, content }: HostFile): string {
  if (content.split('\n').includes(end)) throw new RangeError(`${path} holds the line ${end}`);
  return `put ${mode} ${quote(path)} <<'${end}'\n${content.replace(/\n?$/, '\n')}${end}`;
}
