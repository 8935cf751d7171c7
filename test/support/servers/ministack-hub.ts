import { emulatedAws } from './ministack-bucket.ts';

/**
 * What the foundation makes first in the hub account, made in the emulator: the bucket and the key of the
 * state.
 */
export async function makeStatePlace(
  endpoint: string,
  place: { bucket: string; alias: string; region: string },
) {
  const { bucket, alias, region } = place;
  const body = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  await call(`${endpoint}/${bucket}`, 's3', region, { method: 'PUT', body });
  const kms = async (action: string, input: object): Promise<unknown> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    };
    const answer = await call(endpoint, 'kms', region, {
      method: 'POST',
      headers,
      body: JSON.stringify(input),
    });
    return answer === '' ? undefined : JSON.parse(answer);
  };
  const { KeyMetadata } = (await kms('CreateKey', {})) as { KeyMetadata: { KeyId: string } };
  await kms('CreateAlias', { AliasName: alias, TargetKeyId: KeyMetadata.KeyId });
}

/** The emulator looks at who calls, and at no signature. */
async function call(url: string, service: string, region: string, request: RequestInit): Promise<string> {
  const { AWS_ACCESS_KEY_ID: key } = emulatedAws(url);
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(url, { ...request, headers: { ...request.headers, authorization } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service}: ${answer.status} ${text}`);
  return text;
}
