import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/**
 * Linux counts what a process was before it became this program, a copy of its parent, into `maxRSS`; the
 * high-water mark of its own memory stands in /proc.
 */
const report = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const kilobytes =
    process.platform === 'linux'
      ? Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
      : process.resourceUsage().maxRSS;
  console.error('peak ' + (kilobytes * 1024) / 1e6);
});`;

/** Options of Node that make a program say at its end how much memory it took at most. */
export const reportPeak = ['--import', `data:text/javascript,${encodeURIComponent(report)}`] as const;

/** The same for a program that starts another Node, which does the work: the larger of the two counts. */
export const reportPeakOfAll: Record<string, string> = { NODE_OPTIONS: reportPeak.join('=') };

/**
 * Waits for a program that was started with {@link reportPeak} or {@link reportPeakOfAll}; its most resident
 * memory, and what it printed.
 */
export async function peakOf(
  child: ChildProcess,
): Promise<{ megabytes: number; code: number | null; out: string }> {
  if (child.stdout === null || child.stderr === null) throw new TypeError('both outputs have to be pipes');
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  const megabytes = Math.max(...[...errors.matchAll(/^peak ([\d.]+)$/gm)].map(([, peak]) => Number(peak)));
  if (!(megabytes > 0)) throw new Error(`it did not say how much memory it took:\n${errors}`);
  return { megabytes, code, out };
}
