import type { UserDataOptions } from '../../../infra/hosts/user-data-options.ts';

const kms = 'arn:aws:kms:eu-central-1:999900001111:alias';

/** A host with everything that a host can have. */
export const userDataExample: UserDataOptions = {
  app: 'intake',
  environment: 'production',
  upstream: 'staging',
  region: 'eu-central-1',
  store: { bucket: 'lockstep-store-999900001111-eu-west-1', region: 'eu-west-1' },
  agentSha256: 'a'.repeat(64),
  node: { version: '24.9.0', sha256: 'b'.repeat(64) },
  files: { fileSystem: 'fs-0123456789abcdef0', accessPoint: 'fsap-0123456789abcdef0' },
  user: { uid: 10_001, gid: 10_001 },
  redisTunnel: { host: 'master.intake.abc123.euc1.cache.amazonaws.com', port: 6379 },
  hook: 'launch',
  logGroup: '/lockstep/intake/production/hosts',
  services: { web: 8080, worker: null },
  bindings: { PUBLIC_URL: 'https://intake.example.com', LLM_MODEL: "a model's name" },
  secretsPath: '/lockstep/intake/production',
  keepReleases: 5,
  keys: {
    build: `${kms}/lockstep-build`,
    orders: `${kms}/lockstep-intake-production-orders`,
    upstreamReceipts: `${kms}/lockstep-intake-staging-receipts`,
  },
  bootTimeoutSeconds: 600,
};
