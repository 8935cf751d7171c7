import { hostCredentials } from '../adapters/aws-credentials.ts';
import { DirectoryStore } from '../adapters/directory-store.ts';
import { S3Store } from '../adapters/s3-store.ts';
import type { HostProvisioning } from '../domain/host-protocol.ts';
import type { ObjectStore } from '../workflows/ports.ts';

/** The release store that a host was provisioned with. Nothing is asked of it here: a host without AWS can still say so. */
export function releaseStore(
  store: HostProvisioning['store'],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): ObjectStore {
  if (store.kind === 'directory') return new DirectoryStore(store.path);
  const { bucket, region } = store;
  return new S3Store(
    { bucket, region },
    { environment, signal, credentials: hostCredentials({ environment, signal }) },
  );
}
