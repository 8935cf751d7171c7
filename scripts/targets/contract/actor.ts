import { randomBytes } from 'node:crypto';
import os from 'node:os';
import type { Actor } from '../../workflows/environment/environment.ts';

/** Who acts, as orders and leases show it; in GitHub Actions the person who started the run. */
export function actorOf(environment: Readonly<Record<string, string | undefined>>): Actor {
  const owner = environment.GITHUB_ACTOR ?? `${userName()}@${os.hostname()}`;
  const job = environment.GITHUB_RUN_ID;
  // Random even in a CI run: two jobs of one run must not take each other's lease for their own.
  const unique = randomBytes(4).toString('hex');
  return { owner, run: job === undefined ? unique : `${job}-${unique}` };
}

/** In a container whose user id has no entry in /etc/passwd, the number. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
