import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { BucketLocationConstraint } from '@aws-sdk/client-s3';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { ROOT, run } from '../../terraform/render.ts';
import type { Policy } from './policy.ts';

const table = 'asg-deploy-locks';

interface Resource {
  type: string;
  name: string;
  index?: string | number;
  values: Record<string, unknown>;
}

/** Who sets an account up, as docs/getting-started.md says: state bucket, lock table, terraform/bootstrap. */
export class Administrator {
  readonly #cloud: CloudDescription;
  readonly #bucket: string;
  readonly #client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };

  constructor(cloud: CloudDescription) {
    this.#cloud = cloud;
    const credentials = { accessKeyId: 'administrator', secretAccessKey: 'local-cloud' };
    const { endpoint, region, accountId } = cloud;
    this.#client = { endpoint, region, credentials };
    this.#bucket = `asg-deploy-${accountId}-${region}`;
  }

  async makeBackend(): Promise<void> {
    const Bucket = this.#bucket;
    const s3 = new S3Client(this.#client);
    const dynamo = new DynamoDBClient(this.#client);
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: this.#client.region as BucketLocationConstraint },
      }),
    );
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
          ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
        },
      }),
    );
    await dynamo.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      }),
    );
    s3.destroy();
    dynamo.destroy();
  }

  /**
   * Applies terraform/bootstrap with the real Terraform, once more where it was applied before.
   * @param more other variables of it
   * @returns the policies that it made, by their names
   */
  async bootstrap(
    application: string,
    github: object,
    more: Record<string, unknown> = {},
  ): Promise<Map<string, Policy>> {
    const folder = await mkdtemp(join(tmpdir(), 'bootstrap-'));
    try {
      await cp(join(ROOT, 'bootstrap'), folder, { recursive: true });
      const { region } = this.#client;
      const settings = {
        bucket: this.#bucket,
        key: `${application}/bootstrap/terraform.tfstate`,
        region,
        dynamodb_table: table,
      };
      const backend = Object.entries(settings).map(([name, value]) => `-backend-config=${name}=${value}`);
      await this.#terraform(folder, 'init', '-input=false', ...backend);
      await writeFile(
        join(folder, 'all.auto.tfvars.json'),
        JSON.stringify({ application, region, github, ...more }),
      );
      await this.#terraform(folder, 'apply', '-auto-approve');
      const { values } = JSON.parse(await this.#terraform(folder, 'show', '-json')) as {
        values: { root_module: { resources: Resource[] } };
      };
      return new Map(
        values.root_module.resources
          .filter(({ type }) => type === 'aws_iam_policy')
          .map(({ values: { name, policy } }) => [String(name), JSON.parse(String(policy)) as Policy]),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** The attributes of one resource in an environment's state, as Terraform wrote it. */
  async inState(application: string, environment: string, address: string): Promise<Record<string, unknown>> {
    const s3 = new S3Client(this.#client);
    const answer = await s3.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: `${application}/${environment}/terraform.tfstate` }),
    );
    const state = JSON.parse((await answer.Body?.transformToString()) ?? '') as {
      resources: {
        mode: string;
        type: string;
        name: string;
        instances: { attributes: Record<string, unknown> }[];
      }[];
    };
    s3.destroy();
    const found = state.resources.find(
      ({ mode, type, name }) => mode === 'managed' && `${type}.${name}` === address,
    );
    if (found === undefined) throw new Error(`${address} is not in the state of ${environment}`);
    return found.instances[0]?.attributes ?? {};
  }

  async writeObject(Bucket: string, Key: string): Promise<void> {
    await new S3Client(this.#client).send(new PutObjectCommand({ Bucket, Key, Body: 'a log' }));
  }

  /** Runs what a failure of `destroy` told a person to run: `aws elbv2 modify-…`, `aws rds modify-…`, `aws s3 rm …`. */
  async allowDeletion(command: string): Promise<void> {
    const [, balancer] =
      /--load-balancer-arn (\S+) .*deletion_protection\.enabled,Value=false/.exec(command) ?? [];
    const [, database] = /--db-instance-identifier (\S+) --no-deletion-protection/.exec(command) ?? [];
    const [, full] = /s3 rm s3:\/\/(\S+) --recursive/.exec(command) ?? [];
    if (balancer !== undefined) {
      await this.#query('elasticloadbalancing', '2015-12-01', {
        Action: 'ModifyLoadBalancerAttributes',
        LoadBalancerArn: balancer,
        'Attributes.member.1.Key': 'deletion_protection.enabled',
        'Attributes.member.1.Value': 'false',
      });
    } else if (database !== undefined) {
      await this.#query('rds', '2014-10-31', {
        Action: 'ModifyDBInstance',
        DBInstanceIdentifier: database,
        DeletionProtection: 'false',
        ApplyImmediately: 'true',
      });
    } else if (full !== undefined) {
      const s3 = new S3Client(this.#client);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: full }));
      for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: full, Key }));
    } else throw new Error(`that allows no deletion: ${command}`);
  }

  /** ARNs of everything with these tags; NAT gateways stay listed for an hour after they were deleted. */
  async tagged(application: string, environment: string): Promise<string[]> {
    const filters = Object.entries({ Application: application, Environment: environment });
    const text = await this.#call('tagging', {
      body: JSON.stringify({ TagFilters: filters.map(([Key, value]) => ({ Key, Values: [value] })) }),
      headers: {
        'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources',
        'content-type': 'application/x-amz-json-1.1',
      },
    });
    const { ResourceTagMappingList } = JSON.parse(text) as {
      ResourceTagMappingList: { ResourceARN: string }[];
    };
    return ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN).filter(
      (arn) => !arn.includes(':natgateway/'),
    );
  }

  #query(service: string, Version: string, parameters: Record<string, string>): Promise<string> {
    return this.#call(service, {
      body: new URLSearchParams({ ...parameters, Version }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  /** One signed call of a service that has no client here; the local cloud does not verify signatures. */
  async #call(
    service: string,
    { body, headers }: { body: string; headers: Record<string, string> },
  ): Promise<string> {
    const scope = `administrator/20260101/${this.#client.region}/${service}/aws4_request`;
    const response = await fetch(this.#cloud.endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
        ...headers,
      },
      body,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} refused: ${text}`);
    return text;
  }

  async #terraform(cwd: string, ...parameters: string[]): Promise<string> {
    const env = { ...process.env, ...this.#cloud.environment, AWS_ACCESS_KEY_ID: 'administrator' };
    const { code, stdout, stderr } = await run('terraform', [...parameters, '-no-color'], { cwd, env });
    if (code !== 0) throw new Error(`terraform ${parameters[0]} failed:\n${stdout}${stderr}`);
    return stdout;
  }
}
