import cluster from 'node:cluster';
import { readSettings } from './settings.ts';
import { runWorker } from './worker.ts';

/** A worker that dies is replaced, but not for ever: a service that can't stay up must be seen as down. */
const maximumDeaths = 5;
const withinMilliseconds = 30_000;

function runPrimary(workers: number): void {
  let stopping = false;
  let deaths: number[] = [];

  const stop = () => {
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) {
      // A worker that has just been forked may not listen to messages yet: disconnecting would be no stop for it.
      if (worker?.isConnected() === true) worker.send('stop');
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  cluster.on('online', (worker) => {
    if (stopping) worker.send('stop');
  });
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) {
      if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
      return;
    }
    console.error(`worker ${worker.process.pid} ended (${signal ?? code})`);
    const now = Date.now();
    deaths = [...deaths.filter((time) => now - time < withinMilliseconds), now];
    if (deaths.length > maximumDeaths) {
      console.error('workers keep ending: giving up');
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
