/** S3's operations have no name on the wire; this gives the names that IAM policies and call lists speak of. */
import type { IncomingHttpHeaders } from 'node:http';

/** Sub-resources of a bucket or an object, in S3's API reference, and what the operation's name ends in. */
const SUB_RESOURCES: Record<string, string> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

const VERBS: Record<string, string> = {
  GET: 'Get',
  HEAD: 'Head',
  PUT: 'Put',
  DELETE: 'Delete',
  POST: 'Post',
};

function objectOperation(method: string, url: URL, headers: IncomingHttpHeaders): string {
  const query = url.searchParams;
  if (query.has('uploadId')) {
    if (method === 'PUT') return 'UploadPart';
    if (method === 'POST') return 'CompleteMultipartUpload';
    return method === 'DELETE' ? 'AbortMultipartUpload' : 'ListParts';
  }
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('tagging')) return `${VERBS[method] ?? method}ObjectTagging`;
  if (query.has('acl')) return `${VERBS[method] ?? method}ObjectAcl`;
  if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined) return 'CopyObject';
  return `${VERBS[method] ?? method}Object`;
}

function bucketOperation(method: string, url: URL): string {
  const query = url.searchParams;
  const verb = VERBS[method] ?? method;
  const subResource = Object.keys(SUB_RESOURCES).find((name) => query.has(name));
  if (subResource !== undefined) return `${verb}${SUB_RESOURCES[subResource] ?? ''}`;
  if (query.has('versions')) return 'ListObjectVersions';
  if (query.has('uploads')) return 'ListMultipartUploads';
  if (query.has('delete')) return 'DeleteObjects';
  if (method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  if (method === 'PUT') return 'CreateBucket';
  return `${verb}Bucket`;
}

/** The operation's name for a path-style request (`/bucket/key`); virtual-hosted names don't occur on an IP. */
export function s3Operation(method: string, url: URL, headers: IncomingHttpHeaders): string {
  const [, bucket = '', ...key] = url.pathname.split('/');
  if (bucket === '') return 'ListBuckets';
  return key.join('/') === '' ? bucketOperation(method, url) : objectOperation(method, url, headers);
}
