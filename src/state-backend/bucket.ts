import type { BucketLocationConstraint, Tag } from '@aws-sdk/client-s3';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  waitUntilBucketExists,
} from '@aws-sdk/client-s3';
import { DeployError, httpStatus, isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { ObservedBucket, Reading } from './bucket-settings.ts';
import { deniesPlainHttp } from './bucket-settings.ts';
import { setupTags, toTags } from './ownership.ts';
import { repeatWhile } from './retry.ts';

/** Old versions of a state are kept so long, and at least so many of them. */
const noncurrentDays = 90;
const noncurrentVersions = 20;
/** Seconds to wait for a new bucket to be seen. */
const secondsToAppear = 60;

/** A bucket and the client that reads it; whoever opened it destroys the client. */
export interface BucketAccess {
  client: S3Client;
  bucket: string;
  /** The client's, where the bucket has to be. */
  region: string;
  /** On every call but CreateBucket, so that a bucket of another account is never read or written by mistake. */
  owner: { Bucket: string; ExpectedBucketOwner: string };
}

/** A client for a bucket of this account; nothing is asked yet. */
export function openBucket({ aws }: Run, bucket: string): BucketAccess {
  return {
    client: new S3Client(aws.clientConfiguration),
    bucket,
    region: aws.region,
    owner: { Bucket: bucket, ExpectedBucketOwner: aws.accountId },
  };
}

/**
 * Reads a bucket and its settings.
 * @returns undefined when there is none of that name
 * @throws DeployError backend when it belongs to another account or may not be read
 */
export async function observeBucket(access: BucketAccess): Promise<ObservedBucket | undefined> {
  const region = await regionOf(access);
  if (region === undefined) return undefined;
  if (region !== access.region) return elsewhere(region);
  const { client, owner } = access;
  const [versioning, encrypted, publicAccessBlocked, policy, lifecycle, tags] = await Promise.all([
    read([], undefined, async () => (await client.send(new GetBucketVersioningCommand(owner))).Status),
    read(['ServerSideEncryptionConfigurationNotFoundError'], false, async () => {
      const answer = await client.send(new GetBucketEncryptionCommand(owner));
      return (answer.ServerSideEncryptionConfiguration?.Rules ?? []).length > 0;
    }),
    read(['NoSuchPublicAccessBlockConfiguration'], false, async () => {
      const { PublicAccessBlockConfiguration: block } = await client.send(
        new GetPublicAccessBlockCommand(owner),
      );
      return [
        block?.BlockPublicAcls,
        block?.IgnorePublicAcls,
        block?.BlockPublicPolicy,
        block?.RestrictPublicBuckets,
      ].every((on) => on === true);
    }),
    read(['NoSuchBucketPolicy'], '', async () => {
      return (await client.send(new GetBucketPolicyCommand(owner))).Policy ?? '';
    }),
    read(['NoSuchLifecycleConfiguration'], false, async () => {
      const { Rules = [] } = await client.send(new GetBucketLifecycleConfigurationCommand(owner));
      return Rules.some((rule) => rule.Status === 'Enabled' && rule.NoncurrentVersionExpiration);
    }),
    read(['NoSuchTagSet'], {}, async () =>
      toTags((await client.send(new GetBucketTaggingCommand(owner))).TagSet),
    ),
  ]);
  return {
    region,
    versioning,
    encrypted,
    publicAccessBlocked,
    tlsOnly: policy === 'not allowed' ? policy : { value: deniesPlainHttp(policy.value) },
    hasPolicy: policy === 'not allowed' ? policy : { value: policy.value !== '' },
    lifecycle,
    tags,
  };
}

/** A bucket of another region, which answers no question that is asked here. */
function elsewhere(region: string): ObservedBucket {
  return {
    region,
    versioning: 'not allowed',
    encrypted: 'not allowed',
    publicAccessBlocked: 'not allowed',
    tlsOnly: 'not allowed',
    hasPolicy: 'not allowed',
    lifecycle: 'not allowed',
    tags: 'not allowed',
  };
}

/** One setting: absent is a value, a refusal to tell is not an error. */
async function read<T>(
  absent: readonly string[],
  absentValue: T,
  call: () => Promise<T>,
): Promise<Reading<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    if (isAwsError(error, ...absent)) return { value: absentValue };
    if (httpStatus(error) === 403) return 'not allowed';
    throw error;
  }
}

/** The region of a bucket, or undefined when it does not exist. us-east-1 has no location constraint, eu-west-1 once was "EU". */
async function regionOf({ client, owner, bucket }: BucketAccess): Promise<string | undefined> {
  try {
    const { BucketRegion } = await client.send(new HeadBucketCommand(owner));
    if (BucketRegion !== undefined) return BucketRegion;
    const { LocationConstraint } = await client.send(new GetBucketLocationCommand(owner));
    const region: string = LocationConstraint ?? '';
    if (region === '') return 'us-east-1';
    return region === 'EU' ? 'eu-west-1' : region;
  } catch (error) {
    const status = httpStatus(error);
    if (status === 404) return undefined;
    if (status === 301) return redirectedTo(error) ?? 'another region';
    if (status === 403) throw notOurs(bucket, error);
    throw error;
  }
}

function redirectedTo(error: unknown): string | undefined {
  const { $response } = error as { $response?: { headers?: Record<string, string> } };
  return $response?.headers?.['x-amz-bucket-region'];
}

export function notOurs(bucket: string, cause: unknown): DeployError {
  return new DeployError({
    reason: 'backend',
    message: `the state bucket ${bucket} exists and can't be used: it belongs to another account, or the role may not read it`,
    left: 'Nothing was touched.',
    next: `name a bucket of your own as state-bucket, or allow the role s3:ListBucket on the bucket ${bucket}`,
    cause,
  });
}

/**
 * Makes the bucket, which bears from its first moment the tag by which a later run knows that it is to be finished;
 * another run may make it at the same time.
 * @returns false when the other was first
 */
export async function createBucket(run: Run, { client, bucket, owner }: BucketAccess): Promise<boolean> {
  const { signal } = run;
  const { region } = run.aws;
  const place = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
  const create = (tags: { Tags?: Tag[] }) => () =>
    client.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectOwnership: 'BucketOwnerEnforced',
        CreateBucketConfiguration: { ...place, ...tags },
      }),
    );
  try {
    await repeatWhile(['OperationAborted'], create({ Tags: setupTags('in-progress') }), { signal }).catch(
      async (error: unknown) => {
        // A role may lack s3:TagResource, which this asks for besides, and a partition the tags: they are set afterwards.
        if (!isAwsError(error, 'AccessDenied', 'MalformedXML')) throw error;
        await repeatWhile(['OperationAborted'], create({}), { signal });
      },
    );
    await waitUntilBucketExists({ client, maxWaitTime: secondsToAppear, minDelay: 1, maxDelay: 5 }, owner);
    return true;
  } catch (error) {
    if (isAwsError(error, 'BucketAlreadyOwnedByYou')) return false;
    if (isAwsError(error, 'BucketAlreadyExists')) throw notOurs(bucket, error);
    throw error;
  }
}

/** The policy that refuses every request without TLS. */
export function tlsOnlyPolicy(bucket: string, partition: string): string {
  const arn = `arn:${partition}:s3:::${bucket}`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RequireTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}

/** Sets everything on a bucket of our own making. Each call may be repeated, and two runs may do this at once. */
export async function configureBucket(run: Run, { client, bucket, owner }: BucketAccess): Promise<void> {
  const tag = (state: 'in-progress' | 'complete') => () =>
    client.send(new PutBucketTaggingCommand({ ...owner, Tagging: { TagSet: setupTags(state) } }));
  // Also when the run was cancelled: without this tag nobody would know whose the bare bucket is, and finish it.
  await repeatWhile(['OperationAborted', 'NoSuchBucket'], tag('in-progress'));
  const steps: (() => Promise<unknown>)[] = [
    () =>
      client.send(
        new PutPublicAccessBlockCommand({
          ...owner,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
      ),
    () =>
      client.send(
        new PutBucketVersioningCommand({ ...owner, VersioningConfiguration: { Status: 'Enabled' } }),
      ),
    () =>
      client.send(
        new PutBucketEncryptionCommand({
          ...owner,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
      ),
    () =>
      client.send(new PutBucketPolicyCommand({ ...owner, Policy: tlsOnlyPolicy(bucket, run.aws.partition) })),
    () => client.send(new PutBucketLifecycleConfigurationCommand({ ...owner, ...lifecycle() })),
    tag('complete'),
  ];
  // One after the other: S3 answers OperationAborted to settings of one bucket that are changed at the same time.
  for (const step of steps) {
    run.signal.throwIfAborted();
    await repeatWhile(['OperationAborted', 'NoSuchBucket'], step, { signal: run.signal });
  }
}

function lifecycle() {
  return {
    LifecycleConfiguration: {
      Rules: [
        {
          ID: 'expire-old-states',
          Status: 'Enabled' as const,
          Filter: { Prefix: '' },
          NoncurrentVersionExpiration: {
            NoncurrentDays: noncurrentDays,
            NewerNoncurrentVersions: noncurrentVersions,
          },
          // Each released lock leaves a delete marker behind.
          Expiration: { ExpiredObjectDeleteMarker: true },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
      ],
    },
  };
}
