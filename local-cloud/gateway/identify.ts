/**
 * Says which service and operation a request is for, and who signed it.
 * The SigV4 signature itself is not verified: any access key is accepted, as every caller is on this machine. A
 * request without one is refused, as AWS does, except the few STS calls that AWS takes unsigned.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorFormat } from './protocols.ts';
import { route53Operation } from './route53-operations.ts';
import { s3Operation } from './s3-operations.ts';

/** What a request's line and headers say about it. */
export interface Identified {
  /** The signing name in the credential scope; undefined when the request is not signed. */
  service?: string;
  region: string;
  /** The access key id. */
  identity?: string;
  sessionToken?: string;
  /** Known from path or headers; the query protocol has it in the body. */
  operation?: string;
  errorFormat: ErrorFormat;
}

/** Operations of STS that carry a token of their own instead of a signature. */
export const UNSIGNED_OPERATIONS = ['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'];

const QUERY_SERVICES = new Set([
  'autoscaling',
  'elasticloadbalancing',
  'rds',
  'iam',
  'sts',
  'sns',
  'monitoring',
  // REST with XML, whose errors have the query protocol's shape.
  'route53',
]);

function credentialScope(authorization: string | undefined, url: URL): string | undefined {
  const inHeader = /Credential=([^,\s]+)/.exec(authorization ?? '')?.[1];
  return inHeader ?? url.searchParams.get('X-Amz-Credential') ?? undefined;
}

function errorFormatOf(service: string | undefined, headers: IncomingHttpHeaders, url: URL): ErrorFormat {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor';
  if (headers['x-amz-target'] !== undefined) return 'json';
  if (service === 's3') return 's3';
  if (service === 'ec2') return 'ec2';
  if (service !== undefined && QUERY_SERVICES.has(service)) return 'query';
  return url.pathname === '/' ? 'query' : 'json';
}

/**
 * Reads method, URL and headers; never the body.
 * Scope and query form: AWS's "Signature Version 4" reference, `accessKey/date/region/service/aws4_request`.
 */
export function identify(
  method: string,
  url: URL,
  headers: IncomingHttpHeaders,
  defaultRegion: string,
): Identified {
  const [identity, , region, service] = credentialScope(headers.authorization, url)?.split('/') ?? [];
  const target = headers['x-amz-target'];
  const errorFormat = errorFormatOf(service, headers, url);
  const token = headers['x-amz-security-token'] ?? url.searchParams.get('X-Amz-Security-Token') ?? undefined;
  const sessionToken = typeof token === 'string' ? token : undefined;
  const signed = { service, identity, sessionToken, region: region ?? defaultRegion, errorFormat };
  if (typeof target === 'string') return { ...signed, operation: target.split('.').at(-1) };
  if (errorFormat === 'cbor') return { ...signed, operation: url.pathname.split('/').at(-1) };
  if (service === 's3') return { ...signed, operation: s3Operation(method, url, headers) };
  if (service === 'route53') return { ...signed, operation: route53Operation(method, url) };
  return { ...signed, operation: url.searchParams.get('Action') ?? undefined };
}
