import { DirectoryStore } from '../../../scripts/store/directory-store.ts';
import { increment } from '../contracts/object-store-contract.ts';

/**
 * A process of its own for test/adapters/directory-store.test.ts: counts up, one line for each increment
 * done.
 */
const [root = '', times = '0'] = process.argv.slice(2);
const store = new DirectoryStore(root);
for (let n = 0; n < Number(times); n++) {
  await increment(store, 'counters/shared');
  process.stdout.write('+');
}
