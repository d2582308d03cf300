/** Route 53's operations have no name on the wire either (its API is REST); these are the names of its API reference. */

/** Below /2013-04-01/: a path, and the operation of each method that Terraform uses on it. */
const PATHS: [RegExp, Record<string, string>][] = [
  [/^hostedzone$/, { GET: 'ListHostedZones', POST: 'CreateHostedZone' }],
  [
    /^hostedzone\/[^/]+$/,
    { GET: 'GetHostedZone', POST: 'UpdateHostedZoneComment', DELETE: 'DeleteHostedZone' },
  ],
  [/^hostedzone\/[^/]+\/rrset\/?$/, { GET: 'ListResourceRecordSets', POST: 'ChangeResourceRecordSets' }],
  [/^change\/[^/]+$/, { GET: 'GetChange' }],
  [/^tags\/[^/]+\/[^/]+$/, { GET: 'ListTagsForResource', POST: 'ChangeTagsForResource' }],
];

/** Undefined for a path that is not known here. */
export function route53Operation(method: string, { pathname }: URL): string | undefined {
  const path = pathname.replace(/^\/[\d-]+\//, '');
  return PATHS.find(([pattern]) => pattern.test(path))?.[1][method];
}
