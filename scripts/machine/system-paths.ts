/** Debian keeps haproxy in a directory that an ordinary user's PATH doesn't name. */
const systemPaths = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** A PATH, with the directories of system programs after the person's own. */
export function withSystemPaths(searchPath: string | undefined): string {
  const own = (searchPath ?? '/usr/local/bin:/usr/bin:/bin').split(':');
  return [...own, ...systemPaths.filter((each) => !own.includes(each))].join(':');
}
