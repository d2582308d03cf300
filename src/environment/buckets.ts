import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import type { Run } from '../run/index.ts';

/** Those of the buckets that hold anything, old versions included. One that can't be read counts as empty: AWS will say. */
export async function fullBuckets({ aws, log }: Run, buckets: readonly string[]): Promise<string[]> {
  const client = new S3Client(aws.clientConfiguration);
  const answers = await Promise.all(
    buckets.map(async (bucket) => {
      try {
        const { Versions = [], DeleteMarkers = [] } = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1, ExpectedBucketOwner: aws.accountId }),
        );
        return Versions.length + DeleteMarkers.length > 0 ? [bucket] : [];
      } catch (error) {
        log.debug(`bucket ${bucket}: ${String(error)}`);
        return [];
      }
    }),
  );
  client.destroy();
  return answers.flat();
}
