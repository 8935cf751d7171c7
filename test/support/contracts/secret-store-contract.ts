import { describe, expect, test } from 'vitest';
import type { SecretReference } from '../../../scripts/domain/secrets/secret-reference.ts';
import type { SecretStore } from '../../../scripts/workflows/ports/secrets.ts';

export type SettableSecrets = SecretStore & {
  set(environment: string, name: string, value: string): Promise<number>;
};

/** `open`: another person's view of the same secrets. `read`: what a host gets. */
export type SecretWorld = {
  open: () => SettableSecrets;
  read: (...references: SecretReference[]) => Promise<Record<string, string>>;
  remove: () => Promise<unknown>;
};

/**
 * What every target's secrets promise. The environment is `staging`; `A_KEY`, `B_KEY` and `KEY` are declared.
 */
export function secretStoreContract(name: string, make: () => Promise<SecretWorld>): void {
  describe(`secrets in ${name}`, () => {
    const each = (title: string, body: (world: SecretWorld) => Promise<void>) =>
      test(title, async () => {
        const world = await make();
        try {
          await body(world);
        } finally {
          await world.remove();
        }
      });

    each('versions of a secret only grow, and each stays resolvable', async ({ open, read }) => {
      const secrets = open();
      expect(await secrets.current('staging')).toEqual([]);
      expect(await secrets.set('staging', 'B_KEY', 'one')).toBe(1);
      expect(await secrets.set('staging', 'A_KEY', 'other')).toBe(1);
      expect(await secrets.set('staging', 'B_KEY', 'two')).toBe(2);
      expect(await open().current('staging')).toEqual([
        { name: 'A_KEY', version: 1 },
        { name: 'B_KEY', version: 2 },
      ]);
      expect(await secrets.has('staging', { name: 'B_KEY', version: 1 })).toBe(true);
      expect(await secrets.has('staging', { name: 'B_KEY', version: 3 })).toBe(false);
      expect(await secrets.has('staging', { name: 'KEY', version: 1 })).toBe(false);
      expect(await read({ name: 'B_KEY', version: 1 }, { name: 'A_KEY', version: 1 })).toEqual({
        B_KEY: 'one',
        A_KEY: 'other',
      });
      expect(await read({ name: 'B_KEY', version: 2 })).toEqual({ B_KEY: 'two' });
    });

    each('the newest value set again makes no version, an older one does', async ({ open }) => {
      await open().set('staging', 'KEY', 'one');
      expect(await open().set('staging', 'KEY', 'one')).toBe(1);
      await open().set('staging', 'KEY', 'two');
      expect(await open().set('staging', 'KEY', 'one')).toBe(3);
    });

    each('a host gets every sign of a value, up to 64 KiB', async ({ open, read }) => {
      const start = 'two\nlines\r\n"quoted" \\n $signs `é` 🔑 \u2028 \t ';
      const room = 64 * 1024 - Buffer.byteLength(start);
      const value = start + '€'.repeat(Math.floor(room / 3)) + 'x'.repeat(room % 3);
      expect(Buffer.byteLength(value)).toBe(64 * 1024);
      expect(await open().set('staging', 'KEY', value)).toBe(1);
      expect((await read({ name: 'KEY', version: 1 })).KEY === value).toBe(true);
      expect(await open().set('staging', 'KEY', value)).toBe(1);
    });

    each('names and values that can be none are refused, without the value', async ({ open }) => {
      const wrong = [
        ['key', 'hunter2'],
        ['__proto__', 'hunter2'],
        ['KEY', ''],
        ['KEY', 'hunter2\0b'],
        ['KEY', 'hunter2'.repeat(10_000)],
      ] as const;
      for (const [key, value] of wrong) {
        const error = await open()
          .set('staging', key, value)
          .catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ kind: 'usage' });
        expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
      }
      expect(await open().current('staging')).toEqual([]);
    });

    each('of people who set at the same time each gets a number of their own', async ({ open, read }) => {
      await open().set('staging', 'KEY', 'first');
      const values = ['a', 'b', 'c'];
      const given = await Promise.all(values.map((value) => open().set('staging', 'KEY', value)));
      expect(given.toSorted()).toEqual([2, 3, 4]);
      for (const [index, value] of values.entries()) {
        const version = given[index] ?? 0;
        expect(await read({ name: 'KEY', version })).toEqual({ KEY: value });
      }
      expect(await open().current('staging')).toEqual([{ name: 'KEY', version: 4 }]);
    });
  });
}
