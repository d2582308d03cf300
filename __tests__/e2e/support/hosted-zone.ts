import type { CloudDescription } from '../../../scripts/demo/cloud.ts';

/** One call to Route 53, for which the action has no client. @returns the answer's XML */
async function route53(
  { endpoint }: CloudDescription,
  path: string,
  options: RequestInit = {},
): Promise<string> {
  const response = await fetch(`${endpoint}/2013-04-01/${path}`, {
    ...options,
    headers: {
      'X-Amz-Date': '20260101T000000Z',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return text;
}

/** Makes a public zone. @returns its id, such as Z0123456789ABC */
export async function createHostedZone(cloud: CloudDescription, name: string): Promise<string> {
  const body = `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>${name}</Name><CallerReference>test</CallerReference></CreateHostedZoneRequest>`;
  const answer = await route53(cloud, 'hostedzone', { method: 'POST', body });
  return /\/hostedzone\/([A-Z0-9]+)</.exec(answer)?.[1] ?? '';
}

/** The types of the records in a zone: NS and SOA are there from the beginning. */
export async function recordTypes(cloud: CloudDescription, zoneId: string): Promise<string[]> {
  const answer = await route53(cloud, `hostedzone/${zoneId}/rrset`);
  return [...answer.matchAll(/<Type>(\w+)<\/Type>/g)].map(([, type = '']) => type);
}
