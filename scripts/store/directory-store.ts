import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, realpath, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errored } from '../domain/errors.ts';
import { isStoreKey } from '../domain/store-keys.ts';
import { isWriterAlive, removeQuietly } from '../machine/atomic-file.ts';
import { syncDirectory } from '../machine/directory.ts';
import { codeOf, ignoring } from '../machine/system-error.ts';
import type { ByteRange, ObjectStore, StoredObject } from './object-store.ts';
import { etagFrom, etagOf, highest, prune, readVersion, versionsIn } from './object-versions.ts';

/**
 * The release store as a directory, safe between processes and after kill -9. The object K is the directory
 * K/ with its versions as files `=1`, `=2`, …; the highest is the object. A version appears by `link`, which
 * fails where the number is taken: that is the compare and swap. No key holds `=`, so nothing here can
 * be mistaken for one.
 *
 * Old versions go, lowest first, but never `=1`, whose presence is what put-if-absent runs into. While a
 * writer replaces version n, its temporary file `=on-n-…` in K/ keeps every other writer from removing n and
 * n+1: a slow writer could otherwise create a number anew that had come and gone.
 *
 * @throws LockstepError `errored` when the disk is full or a link leads out of the root.
 */
export class DirectoryStore implements ObjectStore {
  readonly root: string;
  #ready: Promise<string> | undefined;

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const directory = await this.#existing(key);
    if (directory === undefined) return undefined;
    for (;;) {
      const version = highest(await versionsIn(directory));
      if (version === undefined) return undefined;
      // Gone: a writer that is eight versions ahead has cleared it away. Look again.
      const found = await ignoring(['ENOENT'], () => readVersion(directory, version, range));
      if (found !== undefined) return found;
    }
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<'created' | 'exists'> {
    const root = await this.#open();
    const known = await this.#existing(key);
    if (known !== undefined && (await versionsIn(known)).length > 0) {
      await syncDirectory(known);
      return 'exists';
    }
    const temporary = path.join(root, temporaryDirectory, `${process.pid}-${randomBytes(8).toString('hex')}`);
    return this.#writing(temporary, body, async () => {
      for (;;) {
        const directory = await this.#create(root, key);
        try {
          await link(temporary, path.join(directory, '=1'));
          await syncDirectory(directory);
          return 'created';
        } catch (error) {
          if (codeOf(error) === 'EEXIST') {
            await syncDirectory(directory);
            return 'exists';
          }
          // A delete took the empty directory away between mkdir and link.
          if (codeOf(error) !== 'ENOENT') throw error;
        }
      }
    });
  }

  async putIfMatch(key: string, body: Uint8Array, etag: string): Promise<{ etag: string } | 'mismatch'> {
    await this.#open();
    const directory = await this.#existing(key);
    const version = Number(/^([1-9][0-9]*)-/.exec(etag)?.[1]);
    if (directory === undefined || !Number.isSafeInteger(version)) return 'mismatch';
    const held = async () =>
      highest(await versionsIn(directory)) === version && (await etagOf(directory, version)) === etag;
    if (!(await held())) return 'mismatch';
    const unique = randomBytes(8).toString('hex');
    const temporary = path.join(directory, `=on-${version}-${process.pid}-${unique}`);
    const publish = async (): Promise<{ etag: string } | 'mismatch'> => {
      // Asked again now that the temporary file holds n and n+1 where they are.
      if (!(await held())) return 'mismatch';
      const next = path.join(directory, `=${version + 1}`);
      const written = etagFrom(version + 1, await stat(temporary, { bigint: true }));
      try {
        await link(temporary, next);
      } catch (error) {
        if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return 'mismatch';
        throw error;
      }
      if ((await etagOf(directory, version)) !== etag) {
        // The whole object was deleted in between: it must not come back through us.
        await removeQuietly(next);
        return 'mismatch';
      }
      await syncDirectory(directory);
      await prune(directory, version + 1);
      return { etag: written };
    };
    // No such directory any more: the object was deleted.
    return (await ignoring(['ENOENT'], () => this.#writing(temporary, body, publish))) ?? 'mismatch';
  }

  async *list(prefix: string): AsyncIterable<{ key: string; size: number }> {
    if (!prefix.endsWith('/')) throw new TypeError(`a prefix ends in /, got ${prefix}`);
    const directory = await this.#existing(prefix.slice(0, -1));
    if (directory !== undefined) yield* walk(directory, prefix);
  }

  async delete(key: string): Promise<void> {
    const directory = await this.#existing(key);
    if (directory === undefined) return;
    // Lowest first: a reader sees the newest until the end.
    for (const version of await versionsIn(directory))
      await removeQuietly(path.join(directory, `=${version}`));
    await syncDirectory(directory);
    const root = await this.#open();
    for (let empty = directory; empty !== root; empty = path.dirname(empty)) {
      const removed = await rmdir(empty).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  /** Writes and fsyncs the temporary file, lets `publish` link it, and removes it whatever happens. */
  async #writing<T>(
    temporary: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    publish: () => Promise<T>,
  ): Promise<T> {
    try {
      const handle = await open(temporary, 'wx', 0o644);
      try {
        await handle.writeFile(body);
        await handle.sync();
      } finally {
        await handle.close();
      }
      return await publish();
    } catch (error) {
      throw this.#explained(error);
    } finally {
      await removeQuietly(temporary);
    }
  }

  #explained(error: unknown): unknown {
    const code = codeOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return errored(`the disk that holds the store ${this.root} is full; nothing was stored`, {
        fix: `Free space there (df -h ${this.root}), then run the command again.`,
        retry: true,
        cause: error,
      });
    }
    return error;
  }

  /** The root's real path; the first call of a process clears away temporary files of dead ones. */
  #open(): Promise<string> {
    this.#ready ??= (async () => {
      try {
        const temporaries = path.join(this.root, temporaryDirectory);
        await mkdir(temporaries, { recursive: true });
        for (const name of await readdir(temporaries)) {
          const file = path.join(temporaries, name);
          if (!(await isWriterAlive(Number.parseInt(name, 10), file))) await removeQuietly(file);
        }
        return await realpath(this.root);
      } catch (error) {
        this.#ready = undefined;
        throw this.#explained(error);
      }
    })();
    return this.#ready;
  }

  /** The key's directory, or undefined where there is none. */
  async #existing(key: string): Promise<string | undefined> {
    if (!isStoreKey(key)) throw new TypeError(`not a key of the store: ${JSON.stringify(key)}`);
    const root = await ignoring(['ENOENT'], () => realpath(this.root));
    if (root === undefined) return undefined;
    return this.#unlinked(path.join(root, key));
  }

  /** `wanted`, or undefined where there is none. */
  async #unlinked(wanted: string): Promise<string | undefined> {
    const found = await ignoring(['ENOENT'], () => realpath(wanted));
    if (found === undefined || found === wanted) return found;
    throw errored(`${wanted} leads through a link to ${found}: links in the store are not followed`, {
      fix: 'Remove the link; the store makes none itself.',
    });
  }

  async #create(root: string, key: string): Promise<string> {
    const directory = path.join(root, key);
    let ancestor = directory;
    while ((await this.#unlinked(ancestor)) === undefined) ancestor = path.dirname(ancestor);
    await mkdir(directory, { recursive: true });
    for (let made = directory; made !== ancestor; made = path.dirname(made)) {
      await syncDirectory(path.dirname(made));
    }
    return directory;
  }
}

const temporaryDirectory = '=tmp';

async function* walk(directory: string, prefix: string): AsyncGenerator<{ key: string; size: number }> {
  const entries = (await ignoring(['ENOENT'], () => readdir(directory, { withFileTypes: true }))) ?? [];
  const names = entries
    .filter((entry) => entry.isDirectory() && isStoreKey(entry.name))
    .map(({ name }) => name);
  // `a.json` comes before `a/b`, though `a` comes before `a.json`: sort objects and subtrees by what they
  // spell.
  for (const name of names.flatMap((each) => [each, `${each}/`]).sort()) {
    if (name.endsWith('/')) yield* walk(path.join(directory, name), prefix + name);
    else {
      const object = path.join(directory, name);
      const version = highest(await versionsIn(object));
      const status = version && (await ignoring(['ENOENT'], () => stat(path.join(object, `=${version}`))));
      if (status) yield { key: prefix + name, size: status.size };
    }
  }
}
