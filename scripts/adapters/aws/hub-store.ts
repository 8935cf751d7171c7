import { type Hub, hubNames } from '../../../infra/stack/naming.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { S3World } from '../../store/s3/s3-exchange.ts';
import { S3Store } from '../../store/s3/s3-store.ts';
import { loginCredentials } from './login-credentials.ts';

/** The release store in the hub's account, for whoever is logged in. */
export function hubStore(hub: Hub, world: Pick<S3World, 'environment' | 'signal'>): ObjectStore {
  const place = { bucket: hubNames.storeBucket(hub), region: hub.region };
  return new S3Store(place, { ...world, credentials: loginCredentials() });
}
