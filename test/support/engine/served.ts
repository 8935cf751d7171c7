import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Starts a Node program that serves until it is stopped and prints its port first. */
export async function serve(program: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [...program], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  const ended = once(child, 'exit');
  const [printed] = await Promise.race([
    once(child.stdout, 'data'),
    ended.then(([code]) =>
      Promise.reject(new Error(`${program.join(' ')} ended with ${code} before it served`)),
    ),
  ]);
  return {
    port: Number(String(printed).trim()),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
