import { once } from 'node:events';
import { watch } from 'node:fs';

/**
 * What `look` finds, asked at once and after each change in the directory, until it finds something. The
 * watching begins before the first look: `watch` of node:fs/promises begins with the first wait for it, and a
 * change in between would be waited for until the test's bound.
 */
export async function seenIn<T>(directory: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const watcher = watch(directory, { recursive: true });
  try {
    for (;;) {
      const change = once(watcher, 'change');
      // Unheard where the look finds it first.
      change.catch(() => {});
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
      await change;
    }
  } finally {
    watcher.close();
  }
}
