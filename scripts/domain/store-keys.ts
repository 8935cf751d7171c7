/** Names of objects in the release store (design: "Words and records"). The one place that spells them. */
const environmentPrefix = (app: string, environment: string) => `apps/${app}/environments/${environment}`;

export const storeKeys = {
  pack: (sha256: string) => `packs/${sha256}.pack`,
  packIndex: (sha256: string) => `packs/${sha256}.index`,
  releaseManifest: (digest: string) => `releases/${digest}/manifest.json`,
  releasePacks: (digest: string) => `releases/${digest}/packs.json`,
  releaseBuild: (digest: string) => `releases/${digest}/build.json`,
  releaseSignature: (digest: string) => `releases/${digest}/signature.json`,
  agent: (sha256: string) => `agents/${sha256}.mjs`,
  /** Node's own archive, for hosts. */
  runtime: (sha256: string) => `runtimes/${sha256}.tar.gz`,
  /**
   * A host's answer that was too long for the channel it came by; kept for some weeks, and read only by its
   * environment.
   */
  answer: (app: string, environment: string, id: string) => `answers/${app}/${environment}/${id}.json`,
  config: (digest: string) => `configs/${digest}.json`,
  tags: (app: string) => `apps/${app}/tags/`,
  tag: (app: string, tag: string) => `apps/${app}/tags/${encodeURIComponent(tag)}.json`,
  lease: (app: string, environment: string) => `${environmentPrefix(app, environment)}/lease.json`,
  order: (app: string, environment: string, n: number) =>
    `${environmentPrefix(app, environment)}/orders/${n}.json`,
  journal: (app: string, environment: string, n: number) =>
    `${environmentPrefix(app, environment)}/orders/${n}/journal/`,
  journalEntry: (app: string, environment: string, n: number, step: string) =>
    `${environmentPrefix(app, environment)}/orders/${n}/journal/${step}.json`,
  outcome: (app: string, environment: string, n: number) =>
    `${environmentPrefix(app, environment)}/orders/${n}/outcome.json`,
  committed: (app: string, environment: string) => `${environmentPrefix(app, environment)}/committed.json`,
  receipt: (app: string, environment: string, digest: string, n: number) =>
    `${environmentPrefix(app, environment)}/receipts/${digest}/${n}.json`,
  revocation: (app: string, environment: string, digest: string, n: number) =>
    `${environmentPrefix(app, environment)}/revocations/${digest}/${n}.json`,
  host: (app: string, environment: string, host: string) =>
    `${environmentPrefix(app, environment)}/hosts/${host}.json`,
} as const;

/** Every key that the store accepts: segments of safe characters, none of them `.` or `..`. */
export function isStoreKey(key: string): boolean {
  return key
    .split('/')
    .every((segment) => /^[A-Za-z0-9._%~@+!'()*-]+$/.test(segment) && !/^\.+$/.test(segment));
}
