/** Which actions of IAM a call is. Source: Service Authorization Reference, "Actions" of each service. */
import type { ApiCall } from '../gateway/index.ts';

/** As much of a call as names its action. */
type NamedCall = Pick<ApiCall, 'service' | 'operation' | 'rest'>;

/** Services whose prefix in policies is not their signing name. */
const PREFIXES: Record<string, string> = { monitoring: 'cloudwatch', tagging: 'tag' };

/** Operations of S3 whose action has another name. */
const S3_ACTIONS: Record<string, string> = {
  CompleteMultipartUpload: 'PutObject',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  ListParts: 'ListMultipartUploadParts',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  HeadBucket: 'ListBucket',
  ListBuckets: 'ListAllMyBuckets',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  HeadObject: 'GetObject',
  DeleteObjects: 'DeleteObject',
  DeleteBucketCors: 'PutBucketCORS',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  DeleteBucketReplication: 'PutReplicationConfiguration',
  DeleteBucketTagging: 'PutBucketTagging',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutBucketAccelerateConfiguration: 'PutAccelerateConfiguration',
  PutBucketCors: 'PutBucketCORS',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  PutBucketNotificationConfiguration: 'PutBucketNotification',
  PutBucketReplication: 'PutReplicationConfiguration',
  PutObjectLockConfiguration: 'PutBucketObjectLockConfiguration',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
};

/** Actions on an object are others when a version of it is named. */
const OF_VERSIONS = new Set(['GetObject', 'DeleteObject', 'GetObjectTagging', 'GetObjectAcl']);

function s3ActionOf({ operation, rest }: NamedCall): string {
  const action = S3_ACTIONS[operation] ?? operation;
  return rest?.query.has('versionId') === true && OF_VERSIONS.has(action)
    ? action.replace('Object', 'ObjectVersion')
    : action;
}

/** The service's prefix in policies. */
export const prefixOf = (service: string): string => PREFIXES[service] ?? service;

/**
 * The action that a call is, for instance `ec2:CreateVpc`.
 * @returns undefined for what needs no permission: "No permissions are required to perform this operation"
 *   (STS API reference, GetCallerIdentity), and for what STS holds against a role's trust policy itself
 */
export function actionOf(call: NamedCall): string | undefined {
  const { service, operation } = call;
  if (service === 'sts' && (operation === 'GetCallerIdentity' || operation.startsWith('AssumeRole')))
    return undefined;
  if (service === 's3') return `s3:${s3ActionOf(call)}`;
  return `${prefixOf(service)}:${operation}`;
}
