import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../scripts/store/object-store.ts';
import { proveStoreConditions } from '../../../scripts/store/store-conditions.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function* stream(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield bytes(chunk);
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

export async function textAt(store: ObjectStore, key: string): Promise<string | undefined> {
  const object = await store.get(key);
  return object && new TextDecoder().decode(object.body);
}

/** Adds one to a counter by compare and swap, as often as it takes. */
export async function increment(store: ObjectStore, key: string): Promise<void> {
  for (;;) {
    const object = await store.get(key);
    if (object === undefined) {
      if ((await store.putIfAbsent(key, bytes('1'))) === 'created') return;
      continue;
    }
    const next = bytes(String(Number(new TextDecoder().decode(object.body)) + 1));
    if ((await store.putIfMatch(key, next, object.etag)) !== 'mismatch') return;
  }
}

/**
 * What every release store must do. `setUp` makes an empty one; its `open` gives handles on it, as different
 * processes would have them.
 */
export function objectStoreContract(
  name: string,
  setUp: () => Promise<{ open: () => ObjectStore; remove: () => Promise<void> }>,
): void {
  describe(`${name} as an object store`, () => {
    let store: ObjectStore;
    let open: () => ObjectStore;
    let remove: () => Promise<void>;

    beforeEach(async () => {
      ({ open, remove } = await setUp());
      store = open();
    });
    afterEach(() => remove());

    it('answers undefined for what is not there, and deletes it without complaint', async () => {
      expect(await store.get('nothing/here.json')).toBeUndefined();
      expect(await keysOf(store, 'nothing/')).toEqual([]);
      await store.delete('nothing/here.json');
      expect(await store.putIfMatch('nothing/here.json', bytes('x'), '1')).toBe('mismatch');
      expect(await store.get('nothing/here.json')).toBeUndefined();
    });

    it('creates an object once, streamed or whole, and keeps the first', async () => {
      expect(await store.putIfAbsent('a/one.json', stream('he', '', 'llo'))).toBe('created');
      expect(await open().putIfAbsent('a/one.json', bytes('other'))).toBe('exists');
      expect(await textAt(store, 'a/one.json')).toBe('hello');
      expect(await store.putIfAbsent('a/empty', bytes(''))).toBe('created');
      expect(await textAt(store, 'a/empty')).toBe('');
    });

    it('keeps nothing of a stream that breaks off', async () => {
      async function* broken() {
        yield bytes('half');
        throw new Error('the line went dead');
      }
      await expect(store.putIfAbsent('a/one.json', broken())).rejects.toThrow('the line went dead');
      expect(await store.get('a/one.json')).toBeUndefined();
      expect(await keysOf(store, 'a/')).toEqual([]);
      expect(await store.putIfAbsent('a/one.json', bytes('whole'))).toBe('created');
    });

    it('reads ranges, cut at the end', async () => {
      await store.putIfAbsent('a/range', bytes('0123456789'));
      const read = async (offset: number, length: number) =>
        new TextDecoder().decode((await store.get('a/range', { offset, length }))?.body);
      expect(await read(2, 3)).toBe('234');
      expect(await read(0, 10)).toBe('0123456789');
      expect(await read(8, 10)).toBe('89');
      expect(await read(20, 5)).toBe('');
    });

    it('swaps only what still has the etag, and every write has a new one', async () => {
      await store.putIfAbsent('a/swap', bytes('1'));
      const etags = new Set<string>();
      for (let n = 2; n <= 30; n++) {
        const { etag } = (await store.get('a/swap')) ?? { etag: '' };
        etags.add(etag);
        const answer = await open().putIfMatch('a/swap', bytes(String(n)), etag);
        expect(answer).toEqual({ etag: (await store.get('a/swap'))?.etag });
        for (const old of etags) expect(await store.putIfMatch('a/swap', bytes('old'), old)).toBe('mismatch');
      }
      expect(etags.size).toBe(29);
      expect(await textAt(store, 'a/swap')).toBe('30');
      expect(await store.putIfAbsent('a/swap', bytes('again'))).toBe('exists');
    });

    it('gives a write of equal bytes a new etag too: a lease that is renewed unchanged shows life by it', async () => {
      await store.putIfAbsent('a/lease', bytes('same'));
      const created = (await store.get('a/lease'))?.etag ?? '';
      const renewed = await store.putIfMatch('a/lease', bytes('same'), created);
      if (renewed === 'mismatch') throw new Error('the newest etag was refused');
      const again = await open().putIfMatch('a/lease', bytes('same'), renewed.etag);
      if (again === 'mismatch') throw new Error('the newest etag was refused');
      expect(new Set([created, renewed.etag, again.etag]).size).toBe(3);
      expect(await store.putIfMatch('a/lease', bytes('stale'), created)).toBe('mismatch');
      expect(await store.putIfMatch('a/lease', bytes('stale'), renewed.etag)).toBe('mismatch');
      expect(await textAt(store, 'a/lease')).toBe('same');
    });

    it('refuses the etag of an object that was deleted and made anew', async () => {
      await store.putIfAbsent('a/anew', bytes('same'));
      const { etag } = (await store.get('a/anew')) ?? { etag: '' };
      await store.delete('a/anew');
      expect(await store.get('a/anew')).toBeUndefined();
      expect(await store.putIfAbsent('a/anew', bytes('same'))).toBe('created');
      expect(await store.putIfMatch('a/anew', bytes('stale'), etag)).toBe('mismatch');
      expect(await textAt(store, 'a/anew')).toBe('same');
    });

    it('lists whole keys under a prefix, sorted, with sizes', async () => {
      const keys = ['p/b/2', 'p/a.json', 'p/a/z', 'p/a', 'p/a-b/c', 'p/b/10', 'q/other', 'p.json', 'p/1/1'];
      for (const key of keys) await store.putIfAbsent(key, bytes(key));
      const inside = keys.filter((key) => key.startsWith('p/')).sort();
      expect(await keysOf(store, 'p/')).toEqual(inside);
      for await (const { key, size } of store.list('p/')) expect(size).toBe(key.length);
      await store.delete('p/a');
      expect(await keysOf(store, 'p/a/')).toEqual(['p/a/z']);
      expect(await store.get('p/a')).toBeUndefined();
    });

    it('throws for a key that could leave the store', async () => {
      for (const key of ['', '/a', 'a/', '../a', 'a/../../b', 'a//b', 'a\0b', 'a/.', 'a\\b']) {
        await expect(store.get(key), JSON.stringify(key)).rejects.toThrow(TypeError);
        await expect(store.putIfAbsent(key, bytes('x'))).rejects.toThrow(TypeError);
        await expect(store.delete(key)).rejects.toThrow(TypeError);
      }
      await expect(keysOf(store, 'no-slash')).rejects.toThrow(TypeError);
    });

    it('honours its conditions', async () => {
      await proveStoreConditions(store);
      expect(await keysOf(store, 'probes/')).toEqual([]);
    });

    it('gives one of many creators the object', async () => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => open().putIfAbsent('race/once', bytes(String(n)))),
      );
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(await textAt(store, 'race/once')).toBe(String(answers.indexOf('created')));
    });

    it('loses no update, whatever the interleaving of writers', async () => {
      let round = 0;
      const writers = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(writers, fc.scheduler(), async (counts, scheduler) => {
          round += 1;
          const key = `counters/${round}`;
          const work = counts.map(async (count) => {
            const own = interleaved(open(), scheduler);
            for (let n = 0; n < count; n++) await increment(own, key);
          });
          const all = Promise.all(work);
          await scheduler.waitFor(all);
          expect(await textAt(store, key)).toBe(String(counts.reduce((sum, count) => sum + count, 0)));
        }),
        { numRuns: 8 },
      );
    });
  });
}

/** Every call waits for fast-check's scheduler before it starts, so that it decides who comes next. */
function interleaved(store: ObjectStore, scheduler: fc.Scheduler): ObjectStore {
  const turn = () => scheduler.schedule(Promise.resolve());
  return {
    get: (...given) => turn().then(() => store.get(...given)),
    putIfAbsent: (...given) => turn().then(() => store.putIfAbsent(...given)),
    putIfMatch: (...given) => turn().then(() => store.putIfMatch(...given)),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
  };
}
