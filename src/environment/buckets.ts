import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';

type Contents = 'some' | 'none' | 'unknown';

/** Those of the buckets that hold anything, old versions included. One that can't be read counts as empty: AWS will say. */
export async function fullBuckets(run: Run, buckets: readonly string[]): Promise<string[]> {
  const contents = await contentsOf(run, buckets);
  return buckets.filter((bucket) => contents.get(bucket) === 'some');
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
        const { Versions = [], DeleteMarkers = [] } = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1, ExpectedBucketOwner: aws.accountId }),
        );
        return [bucket, Versions.length + DeleteMarkers.length > 0 ? 'some' : 'none'];
      } catch (error) {
        log.debug(`bucket ${bucket}: ${String(error)}`);
        return [bucket, isAwsError(error, 'NoSuchBucket') ? 'none' : 'unknown'];
      }
    }),
  );
  client.destroy();
  return new Map(answers);
}
