import type { CloudDescription } from '../../../scripts/demo/cloud.ts';

/**
 * A PostgreSQL database as RDS makes it.
 *
 * @returns the URL for the application
 * @throws Error with AWS's answer when it can't be made
 */
export async function makeDatabase(
  { endpoint }: CloudDescription,
  id: string,
  password: string,
): Promise<string> {
  const parameters = {
    ...{ Action: 'CreateDBInstance', Version: '2014-10-31', DBInstanceIdentifier: id, DBName: 'app' },
    ...{ Engine: 'postgres', DBInstanceClass: 'db.t4g.micro', AllocatedStorage: '20' },
    ...{ MasterUsername: 'app_owner', MasterUserPassword: password },
  };
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Amz-Date': '20260101T000000Z',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/eu-north-1/rds/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: new URLSearchParams(parameters).toString(),
  });
  const text = await response.text();
  const address = /<Address>([^<]+)<\/Address>/.exec(text)?.[1];
  if (!response.ok || address === undefined) throw new Error(`CreateDBInstance: ${text}`);
  return `postgresql://app_owner:${password}@${address}:5432/app`;
}
