import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { installedOnce } from './installed-once.ts';

/**
 * A process of its own for installed-once.test.ts: writes a line for each time that it fills the directory.
 */
const [directory = '', end = ''] = process.argv.slice(2);
process.stdout.write('begins');
await installedOnce(directory, async () => {
  appendFileSync(`${directory}.log`, `${process.pid}\n`);
  if (existsSync(path.join(directory, 'tool'))) throw new Error('it is not empty');
  writeFileSync(path.join(directory, 'tool'), 'half');
  process.stdout.write('half');
  if (end === 'wait') await text(process.stdin);
  if (end === 'fail') throw new Error('no network');
  writeFileSync(path.join(directory, 'tool'), 'whole');
});
