import { objectStoreContract } from '../contracts/object-store-contract.ts';
import { MemoryStore } from './memory-store.ts';

objectStoreContract('the store in memory', async () => {
  const store = new MemoryStore();
  return { open: () => store, remove: async () => {} };
});
