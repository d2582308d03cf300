import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { BatchGetImageCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';

/** What somebody with the SDK sees of the local cloud, and does to it behind a run's back. */
export class Aws {
  readonly dynamo: DynamoDBClient;
  readonly #autoScaling: AutoScalingClient;
  readonly #ecr: ECRClient;
  readonly #s3: S3Client;

  constructor(cloud: CloudDescription) {
    const options = clientConfiguration(cloud);
    this.dynamo = new DynamoDBClient(options);
    this.#autoScaling = new AutoScalingClient(options);
    this.#ecr = new ECRClient(options);
    this.#s3 = new S3Client(options);
  }

  /** Template version of each instance of a group. */
  async versions(group: string): Promise<(string | undefined)[]> {
    const answer = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    return (answer.AutoScalingGroups?.[0]?.Instances ?? []).map(
      (instance) => instance.LaunchTemplate?.Version,
    );
  }

  /** Locks that someone holds, in the table and in the bucket; the digests that Terraform keeps beside them are none. */
  async heldLocks(
    bucket = 'asg-deploy-123456789012-eu-north-1',
    table = 'asg-deploy-locks',
  ): Promise<string[]> {
    const [{ Items = [] }, { Contents = [] }] = await Promise.all([
      this.dynamo.send(new ScanCommand({ TableName: table })),
      this.#s3.send(new ListObjectsV2Command({ Bucket: bucket })),
    ]);
    const items = Items.map(({ LockID }) => LockID?.S ?? '').filter((id) => !id.endsWith('-md5'));
    return [...items, ...Contents.map(({ Key = '' }) => Key).filter((key) => key.endsWith('.tflock'))];
  }

  /** A bucket as anybody makes one, with nothing set on it. */
  async makeBucket(bucket: string): Promise<void> {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-north-1' } as const;
    await this.#s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
  }

  async writeObject(bucket: string, key: string, text: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  }

  /** Whether the registry has an image of this tag. */
  async hasImage(repositoryName: string, imageTag: string): Promise<boolean> {
    const { images = [] } = await this.#ecr.send(
      new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
    );
    return images.length > 0;
  }

  /** Gives the image of one tag another tag as well. */
  async tagImage(repositoryName: string, from: string, to: string): Promise<void> {
    const { images } = await this.#ecr.send(
      new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: from }] }),
    );
    const imageManifest = images?.[0]?.imageManifest;
    await this.#ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: to }));
  }

  close(): void {
    for (const client of [this.dynamo, this.#autoScaling, this.#ecr, this.#s3]) client.destroy();
  }
}
