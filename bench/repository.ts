import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const benchManifest = 'name: bench\nservices:\n  web:\n    command: [node, x]\n';

/** Runs a line of shell to its end; throws what it said if it fails. */
export function shell(script: string, cwd: string): void {
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

/**
 * A new git repository with so many files of so many bytes in 100 directories, tagged v1. A third of each
 * file can't be compressed, the rest can: about what code with some images gives.
 */
export function createRepository(app: string, files: number, fileSize: number): void {
  mkdirSync(app);
  shell('git init -q', app);
  const words = randomBytes(3_000).toString('hex');
  for (let n = 0; n < files; n++) {
    const directory = path.join(app, `d${n % 100}`);
    mkdirSync(directory, { recursive: true });
    const noise = randomBytes(Math.floor(fileSize / 3));
    const text = words.repeat(Math.ceil(fileSize / words.length)).slice(0, fileSize - noise.length);
    writeFileSync(path.join(directory, `f${n}.bin`), Buffer.concat([noise, Buffer.from(text)]));
  }
  writeFileSync(path.join(app, 'lockstep.yaml'), benchManifest);
  commit(app, 'v1');
}

/** Git tidies up in the background after many new objects: that would be measured too. */
export function commit(app: string, tag: string): void {
  const as = '-c gc.auto=0 -c user.name=b -c user.email=b@example.invalid';
  shell(`git add --all && git ${as} commit -qm ${tag} && git tag ${tag}`, app);
}
