import type { CloudDescription } from '../../../scripts/demo/cloud.ts';

/** What an AWS SDK client needs to reach the local cloud. */
export function clientConfiguration({ endpoint, region }: Pick<CloudDescription, 'endpoint' | 'region'>) {
  return {
    ...{ endpoint, region },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local-cloud' },
  };
}

/**
 * One call in the JSON protocol, for services that the action has no client for. The local cloud tells the service
 * by the credential's scope and checks no signature.
 * @param target as in X-Amz-Target: AmazonSSM.PutParameter
 * @throws Error with AWS's answer when it is no success
 */
export async function callJson<T>(
  { endpoint }: CloudDescription,
  { service, target, version = '1.1' }: { service: string; target: string; version?: string },
  body: Record<string, unknown>,
): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': `application/x-amz-json-${version}`,
      'X-Amz-Target': target,
      'X-Amz-Date': '20260101T000000Z',
      Authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/eu-north-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${target}: ${text}`);
  return JSON.parse(text === '' ? '{}' : text) as T;
}
