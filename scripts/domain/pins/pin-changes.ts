/** One pinned value that moved; `from` is null for one that is new. */
export type PinChange = { pin: string; from: string | null; to: string };

/** Every text that differs between two versions of the pins, by its place. */
export function pinChanges(before: unknown, after: unknown, place: readonly string[] = []): PinChange[] {
  if (typeof after === 'string') {
    if (after === before) return [];
    return [{ pin: place.join(' '), from: typeof before === 'string' ? before : null, to: after }];
  }
  if (typeof after !== 'object' || after === null) return [];
  return Object.entries(after).flatMap(([key, value]) => {
    const old = typeof before === 'object' && before !== null ? Reflect.get(before, key) : undefined;
    return pinChanges(old, value, [...place, key]);
  });
}
