import { type Hub, hubNames } from '../../infra/naming.ts';
import type { ObjectStore } from '../workflows/ports.ts';
import { loginCredentials } from './login-credentials.ts';
import type { S3World } from './s3-exchange.ts';
import { S3Store } from './s3-store.ts';

/** The release store in the hub's account, for whoever is logged in. */
export function hubStore(hub: Hub, world: Pick<S3World, 'environment' | 'signal'>): ObjectStore {
  const place = { bucket: hubNames.storeBucket(hub), region: hub.region };
  return new S3Store(place, { ...world, credentials: loginCredentials() });
}
