import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signedHeaders, type UnsignedRequest } from '../../../scripts/store/s3/aws-signature.ts';

/**
 * The examples of the S3 API reference, "Signature Calculations for the Authorization Header", with their
 * outcomes.
 */
describe("AWS's own examples of signatures", () => {
  beforeAll(() => {
    vi.useFakeTimers({ now: new Date('2013-05-24T00:00:00Z'), toFake: ['Date'] });
  });
  afterAll(() => {
    vi.useRealTimers();
  });

  const host = 'examplebucket.s3.amazonaws.com';
  const get = { method: 'GET', query: {}, body: undefined };
  const examples: [string, UnsignedRequest, string][] = [
    [
      'an object with a range',
      { ...get, path: '/test.txt', headers: { host, range: 'bytes=0-9' } },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'a parameter without a value',
      { ...get, path: '/', query: { lifecycle: '' }, headers: { host } },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'a list with parameters',
      { ...get, path: '/', query: { 'max-keys': '2', prefix: 'J' }, headers: { host } },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ];

  test.each(examples)('%s', async (_, request, signature) => {
    const credentials = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    };
    const { authorization } = await signedHeaders(request, 'us-east-1', credentials);
    expect(authorization).toMatch(new RegExp(`Signature=${signature}$`));
  });
});
