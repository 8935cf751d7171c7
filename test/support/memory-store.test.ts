import { MemoryStore } from './memory-store.ts';
import { objectStoreContract } from './object-store-contract.ts';

objectStoreContract('the store in memory', async () => {
  const store = new MemoryStore();
  return { open: () => store, remove: async () => {} };
});
