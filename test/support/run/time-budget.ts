/**
 * Begun later than this, the slow files could not end within the quarter of an hour that the one check may
 * take.
 */
const latestStartSeconds = 480;

/**
 * Why the slow files must be left out; null: they run. `.ci/run` says when it began. Anywhere else nothing is
 * ever left out, and a machine as fast as a developer's is at these files after three minutes.
 */
export function whyNoTime(
  began: string | undefined = process.env.LOCKSTEP_CHECK_BEGAN,
  nowSeconds: number = Date.now() / 1000,
): string | null {
  if (began === undefined) return null;
  const passed = Math.round(nowSeconds - Number(began));
  if (passed <= latestStartSeconds) return null;
  return `this machine is too slow: ${passed} s had passed, ${latestStartSeconds} are allowed; npm test runs it`;
}
