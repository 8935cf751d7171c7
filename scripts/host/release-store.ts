import type { HostProvisioning } from '../domain/order/host-protocol.ts';
import { DirectoryStore } from '../store/directory-store.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { hostCredentials } from '../store/s3/aws-credentials.ts';
import { S3Store } from '../store/s3/s3-store.ts';

/**
 * The release store that a host was provisioned with. Nothing is asked of it here: a host without AWS can
 * still say so.
 */
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
