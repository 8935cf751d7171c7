import { expect, it } from 'vitest';
import { proveStoreConditions } from '../../scripts/store/store-conditions.ts';
import { MemoryStore } from '../support/fakes/memory-store.ts';

it('takes a store that honours its conditions and leaves nothing in it', async () => {
  const store = new MemoryStore();
  await proveStoreConditions(store);
  expect(store.objects.size).toBe(0);
});

it('refuses a store whose put-if-absent replaces', async () => {
  class Careless extends MemoryStore {
    override async putIfAbsent(key: string, body: Uint8Array): Promise<'created'> {
      this.objects.set(key, { body, etag: String(Math.random()) });
      return 'created';
    }
  }
  await expect(proveStoreConditions(new Careless())).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('put-if-absent replaced an object'),
  });
});

it('refuses a store whose etag is made of the bytes alone', async () => {
  class ByContent extends MemoryStore {
    override async putIfMatch(key: string, body: Uint8Array): Promise<{ etag: string }> {
      const etag = new TextDecoder().decode(body);
      this.objects.set(key, { body, etag });
      return { etag };
    }
  }
  await expect(proveStoreConditions(new ByContent())).rejects.toMatchObject({
    message: expect.stringContaining('a write of equal bytes left the etag as it was'),
  });
});

it('refuses a store whose put-if-match takes any etag', async () => {
  class Careless extends MemoryStore {
    override async putIfMatch(key: string, body: Uint8Array): Promise<{ etag: string }> {
      return super.putIfMatch(key, body, this.objects.get(key)?.etag ?? '') as Promise<{ etag: string }>;
    }
  }
  const store = new Careless();
  await expect(proveStoreConditions(store)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('put-if-match took an old etag'),
  });
  expect(store.objects.size).toBe(0);
});
