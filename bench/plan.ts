import { spawnSync } from 'node:child_process';
import path from 'node:path';

/**
 * A plan loads Pulumi's SDKs once and runs the cloud program for every environment, for placeholders in their
 * place and for each listed difference. What loading alone takes is the floor; both starts find what Node
 * compiled before.
 */
const root = path.join(import.meta.dirname, '..');
const runs = 3;

const load = `require('@pulumi/pulumi'); require('@pulumi/aws'); require('@pulumi/awsx');`;
const commands = {
  plan: ['scripts/cli.ts', 'plan', 'staging', 'production'],
  load: ['--input-type=commonjs', '--eval', load],
};

function secondsOf(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/lockstep') },
  });
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - started) / 1000;
}

/**
 * The best of several: whatever else the machine does only ever adds. The first start fills the cache and
 * doesn't count.
 */
function best(args: readonly string[]): number {
  secondsOf(args);
  return Math.min(...Array.from({ length: runs }, () => secondsOf(args)));
}

const [plan, floor] = [best(commands.plan), best(commands.load)];
console.log(
  `plan of two environments: ${plan.toFixed(2)} s; loading Pulumi's SDKs: ${floor.toFixed(2)} s; ratio ${(plan / floor).toFixed(2)}`,
);
