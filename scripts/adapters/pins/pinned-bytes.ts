import { errored, messageOf } from '../../domain/errors.ts';
import { nodeArchiveName } from '../../domain/pins/pin-publication.ts';
import type { PinnedBytes } from '../../workflows/ports/pins.ts';
import { bundleAgent } from '../build/agent-bundle.ts';

/** An archive has some 55 MB: also on a slow line. */
const patienceMilliseconds = 15 * 60_000;

/**
 * The agent out of this toolkit's sources, Node from its own site.
 * @throws LockstepError errored when a download fails.
 */
export function publicPinnedBytes(signal: AbortSignal, site = 'https://nodejs.org'): PinnedBytes {
  return {
    async agent() {
      return (await bundleAgent()).bytes;
    },
    async nodeArchive(version, architecture) {
      const url = new URL(`/dist/v${version}/${nodeArchiveName(version, architecture)}`, site);
      try {
        const answer = await fetch(url, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)]),
        });
        if (!answer.ok) throw new Error(`it answered ${answer.status}`);
        return new Uint8Array(await answer.arrayBuffer());
      } catch (cause) {
        signal.throwIfAborted();
        throw errored(`${url.href} can't be downloaded: ${messageOf(cause)}`, {
          fix: 'Check the way to nodejs.org, then run the command again.',
          retry: true,
          cause,
        });
      }
    },
  };
}
