import type { Deviation, Tags } from './ownership.ts';
import { isHalfMade } from './ownership.ts';

/** What was read of one setting: its value, or that the role may not read it. */
export type Reading<T> = { value: T } | 'not allowed';

/** A bucket as it was found. */
export interface ObservedBucket {
  region: string;
  versioning: Reading<string | undefined>;
  encrypted: Reading<boolean>;
  /** All four settings of the public access block are on. */
  publicAccessBlocked: Reading<boolean>;
  /** A statement refuses requests without TLS. */
  tlsOnly: Reading<boolean>;
  hasPolicy: Reading<boolean>;
  lifecycle: Reading<boolean>;
  tags: Reading<Tags>;
}

export type BucketEvaluation =
  | { action: 'refuse'; problem: string; fix: string }
  | { action: 'complete' }
  | { action: 'use'; deviations: Deviation[]; unread: string[] };

/**
 * Decides what to do with a bucket that exists and is ours to read. Only a bucket that a run of the action began and
 * did not finish is configured: by its tag, or, when that run ended before it could tag it, because it bears our
 * default name and nothing at all was ever set on it. Any other is used as it is, with its deviations named.
 */
export function evaluateBucket(
  bucket: string,
  observed: ObservedBucket,
  expected: { region: string; defaultName: string },
): BucketEvaluation {
  if (observed.region !== expected.region) {
    return {
      action: 'refuse',
      problem: `the state bucket ${bucket} is in ${observed.region}, and this run deploys to ${expected.region}`,
      fix: `name a bucket of ${expected.region} as state-bucket, or leave state-bucket out and one is made`,
    };
  }
  const tags = valueOf(observed.tags, {});
  if (isHalfMade(tags)) return { action: 'complete' };
  if (bucket === expected.defaultName && isUntouched(observed)) return { action: 'complete' };
  return { action: 'use', ...deviationsOf(bucket, observed) };
}

function valueOf<T>(reading: Reading<T>, otherwise: T): T {
  return reading === 'not allowed' ? otherwise : reading.value;
}

function isUntouched({ versioning, hasPolicy, lifecycle, tags }: ObservedBucket): boolean {
  return (
    valueOf(versioning, 'unknown') === undefined &&
    !valueOf(hasPolicy, true) &&
    !valueOf(lifecycle, true) &&
    Object.keys(valueOf(tags, { unknown: '' })).length === 0
  );
}

function deviationsOf(
  bucket: string,
  observed: ObservedBucket,
): { deviations: Deviation[]; unread: string[] } {
  const settings: { name: string; reading: Reading<unknown>; good: boolean; problem: string; fix: string }[] =
    [
      {
        name: 'versioning',
        reading: observed.versioning,
        good: valueOf(observed.versioning, undefined) === 'Enabled',
        problem: 'keeps no versions: a state that is overwritten or deleted is lost',
        fix: `aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`,
      },
      {
        name: 'encryption',
        reading: observed.encrypted,
        good: valueOf(observed.encrypted, false),
        problem: 'has no default encryption',
        fix: `aws s3api put-bucket-encryption --bucket ${bucket} --server-side-encryption-configuration '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'`,
      },
      {
        name: 'public access block',
        reading: observed.publicAccessBlocked,
        good: valueOf(observed.publicAccessBlocked, false),
        problem: 'does not block all public access',
        fix: `aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
      },
      {
        name: 'policy',
        reading: observed.tlsOnly,
        good: valueOf(observed.tlsOnly, false),
        problem: 'accepts requests without TLS',
        fix: 'add a statement to its policy that denies s3:* when aws:SecureTransport is false',
      },
      {
        name: 'lifecycle',
        reading: observed.lifecycle,
        good: valueOf(observed.lifecycle, false),
        problem: 'keeps old versions for ever',
        fix: 'add a lifecycle rule that expires noncurrent versions',
      },
    ];
  return {
    unread: settings.flatMap(({ name, reading }) => (reading === 'not allowed' ? [name] : [])),
    deviations: settings.flatMap(({ reading, good, problem, fix }) =>
      reading === 'not allowed' || good ? [] : [{ problem: `the state bucket ${bucket} ${problem}`, fix }],
    ),
  };
}

interface Statement {
  Effect?: string;
  Principal?: unknown;
  Condition?: { Bool?: Record<string, unknown> };
}

/** True when a bucket policy (JSON text) denies everyone's requests that come without TLS. */
export function deniesPlainHttp(policy: string | undefined): boolean {
  if (policy === undefined || policy === '') return false;
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  return [statements].flat().some(({ Effect, Principal, Condition }) => {
    const everyone = Principal === '*' || (Principal as { AWS?: unknown } | undefined)?.AWS === '*';
    const secure = Object.entries(Condition?.Bool ?? {}).find(
      ([key]) => key.toLowerCase() === 'aws:securetransport',
    );
    return Effect === 'Deny' && everyone && String(secure?.[1]) === 'false';
  });
}
