import cluster from 'node:cluster';
import { readSettings } from './settings.ts';
import { runWorker } from './worker.ts';

/**
 * Keeps the workers running. One that never began to listen ends the service: it must be seen as down, not as
 * slow.
 */
function runPrimary(workers: number): void {
  let stopping = false;
  const began = new Set<number>();

  const stop = () => {
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) {
      // One that has only just been forked is told when it is online.
      if (worker?.isConnected() === true) worker.send('stop');
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  cluster.on('online', (worker) => {
    if (stopping) worker.send('stop');
  });
  cluster.on('listening', (worker) => void began.add(worker.id));
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) {
      if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
      return;
    }
    console.error(`worker ${worker.process.pid} ended (${signal ?? code})`);
    if (!began.delete(worker.id)) {
      console.error('a worker could not start: giving up');
      process.exit(1);
    }
    cluster.fork();
  });
  for (let index = 0; index < workers; index++) cluster.fork();
}

async function main(): Promise<void> {
  // lockstep.yaml runs this in the built tree: every module has been imported when this line is reached.
  if (process.argv.includes('--check')) return;
  try {
    const settings = readSettings(process.argv, process.env);
    if (cluster.isPrimary) return runPrimary(settings.workers);
    // A terminal's Ctrl-C goes to the whole group; the primary decides when workers stop.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => {});
    await runWorker(settings);
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exit(1);
  }
}

await main();
