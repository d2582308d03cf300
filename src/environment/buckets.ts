import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';

/** `versions`: old ones too, or their delete markers, which removing every object leaves. */
type Contents = 'objects' | 'versions' | 'none' | 'unknown';

/** A bucket that holds something. */
export interface FullBucket {
  name: string;
  holds: 'objects' | 'versions';
}

/** Those of the buckets that hold anything, old versions included. One that can't be read counts as empty: AWS will say. */
export async function fullBuckets(run: Run, buckets: readonly string[]): Promise<FullBucket[]> {
  const contents = await contentsOf(run, buckets);
  return [...contents].flatMap(([name, holds]) =>
    holds === 'objects' || holds === 'versions' ? [{ name, holds }] : [],
  );
}

/** Those of the buckets that are known to hold nothing, old versions included: one that is gone does not, either. */
export async function emptyBuckets(run: Run, buckets: readonly string[]): Promise<string[]> {
  const contents = await contentsOf(run, buckets);
  return buckets.filter((bucket) => contents.get(bucket) === 'none');
}

async function contentsOf({ aws, log }: Run, buckets: readonly string[]): Promise<Map<string, Contents>> {
  const client = new S3Client(aws.clientConfiguration);
  const answers = await Promise.all(
    buckets.map(async (bucket): Promise<[string, Contents]> => {
      try {
        const listed = new ListObjectVersionsCommand({ Bucket: bucket, ExpectedBucketOwner: aws.accountId });
        return [bucket, held(await client.send(listed))];
      } catch (error) {
        log.debug(`bucket ${bucket}: ${String(error)}`);
        return [bucket, isAwsError(error, 'NoSuchBucket') ? 'none' : 'unknown'];
      }
    }),
  );
  client.destroy();
  return new Map(answers);
}

/** What was written while versioning was off has the version `null` (S3, ListObjectVersions). */
function held({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): Contents {
  if (DeleteMarkers.length > 0 || Versions.some(({ VersionId = 'null' }) => VersionId !== 'null'))
    return 'versions';
  return Versions.length > 0 ? 'objects' : 'none';
}
