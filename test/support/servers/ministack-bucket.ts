import { hostCredentials } from '../../../scripts/store/s3/aws-credentials.ts';
import { S3Exchange } from '../../../scripts/store/s3/s3-exchange.ts';
import { S3Store } from '../../../scripts/store/s3/s3-store.ts';

let made = 0;

/** Environment of a program that finds the emulator in AWS's place. The access key is the account. */
export function emulatedAws(endpoint: string): Record<string, string> {
  return { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: '111122223333', AWS_SECRET_ACCESS_KEY: 'test' };
}

/** A new, empty bucket of the emulator at `endpoint`. */
export async function newBucket(endpoint: string) {
  const environment = emulatedAws(endpoint);
  made += 1;
  const place = { bucket: `lockstep-store-${process.pid}-${made}`, region: 'eu-central-1' };
  const world = { environment, credentials: hostCredentials({ environment }) };
  const exchange = new S3Exchange(place, world);
  const body = `<CreateBucketConfiguration><LocationConstraint>${place.region}</LocationConstraint></CreateBucketConfiguration>`;
  await exchange.send({ method: 'PUT', key: '', body: new TextEncoder().encode(body), expected: [200] });
  return { place, environment, exchange, open: () => new S3Store(place, world) };
}
