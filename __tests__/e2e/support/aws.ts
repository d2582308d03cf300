import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  paginateDescribeAutoScalingGroups,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteLaunchTemplateCommand, EC2Client, paginateDescribeLaunchTemplates } from '@aws-sdk/client-ec2';
import { BatchGetImageCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';

/** What somebody with the SDK sees of the local cloud, and does to it behind a run's back. */
export class Aws {
  readonly dynamo: DynamoDBClient;
  readonly #autoScaling: AutoScalingClient;
  readonly #ec2: EC2Client;
  readonly #ecr: ECRClient;
  readonly #s3: S3Client;

  constructor(cloud: CloudDescription) {
    const options = clientConfiguration(cloud);
    this.dynamo = new DynamoDBClient(options);
    this.#autoScaling = new AutoScalingClient(options);
    this.#ec2 = new EC2Client(options);
    this.#ecr = new ECRClient(options);
    this.#s3 = new S3Client(options);
  }

  async group(name: string): Promise<AutoScalingGroup | undefined> {
    const answer = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return answer.AutoScalingGroups?.[0];
  }

  /** Template version of each instance of a group. */
  async versions(group: string): Promise<(string | undefined)[]> {
    return ((await this.group(group))?.Instances ?? []).map((instance) => instance.LaunchTemplate?.Version);
  }

  /** Takes the group and the launch template of that name away, whichever is there. */
  async remove(name: string): Promise<void> {
    if ((await this.group(name)) !== undefined)
      await this.#autoScaling.send(
        new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true }),
      );
    for (let look = 0; look < 120 && (await this.group(name)) !== undefined; look += 1) await sleep(500);
    if ((await this.templatesAndGroups(name)).templates.includes(name))
      await this.#ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: name }));
  }

  /** Names of all launch templates and groups that begin so. */
  async templatesAndGroups(name: string): Promise<{ templates: string[]; groups: string[] }> {
    const templates: (string | undefined)[] = [];
    const groups: (string | undefined)[] = [];
    for await (const { LaunchTemplates = [] } of paginateDescribeLaunchTemplates({ client: this.#ec2 }, {}))
      templates.push(...LaunchTemplates.map(({ LaunchTemplateName }) => LaunchTemplateName));
    const pages = paginateDescribeAutoScalingGroups({ client: this.#autoScaling }, {});
    for await (const { AutoScalingGroups = [] } of pages)
      groups.push(...AutoScalingGroups.map(({ AutoScalingGroupName }) => AutoScalingGroupName));
    const ours = (names: (string | undefined)[]) =>
      names.filter((each) => each !== undefined).filter((each) => each.startsWith(name));
    return { templates: ours(templates), groups: ours(groups) };
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
    for (const client of [this.dynamo, this.#autoScaling, this.#ec2, this.#ecr, this.#s3]) client.destroy();
  }
}
