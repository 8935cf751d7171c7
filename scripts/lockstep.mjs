#!/usr/bin/env node
// Starts the command line under the Node 24 that the package `node` brings, so that any Node that can run npm
// is enough to start. Plain JavaScript: the system's own Node reads this file.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const node = path.join(
  path.dirname(createRequire(import.meta.url).resolve('node/package.json')),
  'bin',
  'node',
);
const cli = fileURLToPath(new URL('cli.ts', import.meta.url));
// Node keeps what it made of the TypeScript here: every start after the first is several times faster.
const cache = fileURLToPath(new URL('../node_modules/.cache/lockstep', import.meta.url));
const options = [
  '--disable-warning=ExperimentalWarning',
  // A build stays below 250 MB with 20,000 files only where young garbage doesn't pile up (the default is
  // 16).
  '--max-semi-space-size=4',
];
const child = spawn(node, [...options, cli, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? cache,
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
  },
});
// Whoever signals this process means the child. What a terminal sends to the whole group arrives there twice,
// which the child takes for one (console/interruption.ts).
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(
    `lockstep: cannot start ${node}: ${error.message}\nRun \`npm ci\` in the toolkit's directory.`,
  );
  process.exitCode = 4;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 4);
});
