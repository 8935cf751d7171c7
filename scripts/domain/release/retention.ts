/**
 * A directory under `<root>/releases`: `<digest>.<copy>`. A damaged copy is never repaired, the next one
 * replaces it.
 */
export type ReleaseCopy = { name: string; digest: string; copy: number };

/** The copy that the name of a directory denotes, or undefined for any other name. */
export function parseReleaseCopy(name: string): ReleaseCopy | undefined {
  const match = /^([0-9a-f]{64})\.([1-9][0-9]*)$/.exec(name);
  return match === null ? undefined : { name, digest: match[1] ?? '', copy: Number(match[2]) };
}

/** The name of the next copy of a release. */
export function nextReleaseCopy(held: readonly ReleaseCopy[], digest: string): string {
  const highest = Math.max(0, ...held.filter((each) => each.digest === digest).map(({ copy }) => copy));
  return `${digest}.${highest + 1}`;
}

/**
 * The copies that may be removed: all but the `keep` newest, and never one `inUse` (the current or the
 * previous one, whatever their age: they are what a host returns to without fetching).
 */
export function releasesToRemove(options: {
  /** Newest first. */
  held: readonly string[];
  inUse: ReadonlySet<string>;
  keep: number;
}): string[] {
  const kept = new Set(options.held.slice(0, options.keep));
  return options.held.filter((name) => !kept.has(name) && !options.inUse.has(name));
}

/** `<n>` or `<n>.<k>`: an order activated again after its bindings changed or its directory was damaged. */
export function parseActivation(name: string): { order: number; copy: number } | undefined {
  const match = /^([1-9][0-9]*)(?:\.([1-9][0-9]*))?$/.exec(name);
  return match === null ? undefined : { order: Number(match[1]), copy: Number(match[2] ?? 1) };
}

/** The name under which the next activation of an order is written; existing ones are never changed. */
export function nextActivation(existing: readonly string[], order: number): string {
  const copies = existing.map(parseActivation).filter((each) => each?.order === order);
  const highest = Math.max(0, ...copies.map((each) => each?.copy ?? 0));
  return highest === 0 ? String(order) : `${order}.${highest + 1}`;
}

/** Activations that may be removed: all but the current one and the newest `keep` others. */
export function activationsToRemove(options: {
  /** Newest first. */
  existing: readonly string[];
  inUse: ReadonlySet<string>;
  keep: number;
}): string[] {
  return options.existing.filter((name) => !options.inUse.has(name)).slice(options.keep);
}
