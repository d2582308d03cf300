/** What the evaluation has to know of things that exist: their tags, and what an association or a name stands for. */
import {
  DescribeAddressesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  type EC2Client,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import {
  DescribeTagsCommand as DescribeLoadBalancingTagsCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ApiCall, Service } from '../gateway/index.ts';

export type Tags = Record<string, string>;

/** Where it is all asked for. */
export interface InventorySources {
  ec2: EC2Client;
  elasticLoadBalancingV2: ElasticLoadBalancingV2Client;
  /** The emulator's own address, past the gateway. */
  emulator: string;
  /** The services that are not the emulator's, by signing name. */
  services: () => Record<string, Service>;
}

interface Tag {
  Key?: unknown;
  Value?: unknown;
}

interface Group {
  Tags?: Tag[];
  VPCZoneIdentifier?: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const asTags = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key, Value }) => [text(Key), text(Value)]));

/** What tells the emulator which service is asked; it checks no signature. */
function signedFor(service: string, region: string): { authorization: string } {
  const scope = `local/20260101/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

export class Inventory {
  readonly #sources: InventorySources;

  constructor(sources: InventorySources) {
    this.#sources = sources;
  }

  /** Tags of one of EC2's resources, by its id. */
  async ec2Tags(id: string, call: ApiCall): Promise<Tags> {
    if (id.startsWith('i-')) return this.#instanceTags(id, call);
    const Filters = [{ Name: 'resource-id', Values: [id] }];
    const { Tags } = await this.#sources.ec2.send(new DescribeTagsCommand({ Filters }));
    return asTags(Tags);
  }

  async #instanceTags(id: string, call: ApiCall): Promise<Tags> {
    const describe = this.#sources.services().ec2?.operations.DescribeInstances;
    const asked = { ...call, operation: 'DescribeInstances', parameters: { InstanceId: [id] } };
    const answer = (await Promise.resolve(describe?.(asked)).catch(() => undefined)) as
      { reservationSet?: { instancesSet?: { tagSet?: { key: string; value: string }[] }[] }[] } | undefined;
    const tags = answer?.reservationSet?.[0]?.instancesSet?.[0]?.tagSet ?? [];
    return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  }

  /** Tags of a group, by its name. */
  async groupTags(name: string, call: ApiCall): Promise<Tags> {
    return asTags((await this.#group(name, call))?.Tags);
  }

  /** Subnets that a group launches into, as it has them: comma-separated. */
  async groupSubnets(name: string, call: ApiCall): Promise<string> {
    return (await this.#group(name, call))?.VPCZoneIdentifier ?? '';
  }

  async #group(name: string, call: ApiCall): Promise<Group | undefined> {
    const describe = this.#sources.services().autoscaling?.operations.DescribeAutoScalingGroups;
    const asked = {
      ...call,
      operation: 'DescribeAutoScalingGroups',
      parameters: { AutoScalingGroupNames: [name] },
    };
    const answer = (await describe?.(asked)) as { AutoScalingGroups?: Group[] } | undefined;
    return answer?.AutoScalingGroups?.[0];
  }

  /** Tags of what the emulator keeps, by ARN. */
  async tagsOf(arn: string, region: string): Promise<Tags> {
    if (arn.startsWith('arn:aws:elasticloadbalancing:')) return this.#loadBalancingTags(arn);
    const answer = await this.#ask<{ ResourceTagMappingList?: { ResourceARN: string; Tags: Tag[] }[] }>(
      { service: 'tagging', target: 'ResourceGroupsTaggingAPI_20170126.GetResources', region },
      { ResourceARNList: [arn] },
    );
    return asTags(answer?.ResourceTagMappingList?.find(({ ResourceARN }) => ResourceARN === arn)?.Tags);
  }

  /** The name of a table's partition key; undefined where there is no such table. */
  async partitionKey(table: string, region: string): Promise<string | undefined> {
    const answer = await this.#ask<{
      Table?: { KeySchema?: { AttributeName: string; KeyType: string }[] };
    }>({ service: 'dynamodb', target: 'DynamoDB_20120810.DescribeTable', region }, { TableName: table });
    return answer?.Table?.KeySchema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  }

  /** What the emulator itself answers in the JSON protocol; undefined where it refuses. */
  async #ask<Answer>(
    { service, target, region }: { service: string; target: string; region: string },
    parameters: object,
  ): Promise<Answer | undefined> {
    const response = await fetch(this.#sources.emulator, {
      method: 'POST',
      headers: {
        ...signedFor(service, region),
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
      },
      body: JSON.stringify(parameters),
    });
    return response.ok ? ((await response.json()) as Answer) : undefined;
  }

  /** The policy of the bucket or the repository that an ARN is about; undefined where it has none. */
  resourcePolicy(arn: string, call: ApiCall): Promise<object | undefined> {
    return call.service === 'ecr' ? this.#repositoryPolicy(arn, call) : this.#bucketPolicy(arn);
  }

  /** As ECR itself answers it: of another account's repository, that one's. */
  async #repositoryPolicy(arn: string, call: ApiCall): Promise<object | undefined> {
    const [, region = '', registryId, repositoryName] =
      /^arn:aws:ecr:([^:]+):(\d+):repository\/(.+)$/.exec(arn) ?? [];
    const read = this.#sources.services().ecr?.operations.GetRepositoryPolicy;
    if (repositoryName === undefined || read === undefined) return undefined;
    const parameters = { registryId, repositoryName };
    const asked = { ...call, operation: 'GetRepositoryPolicy', region, parameters };
    const answer = await Promise.resolve()
      .then(() => read(asked))
      .catch(() => undefined);
    const { policyText } = (answer ?? {}) as { policyText?: string };
    return policyText === undefined ? undefined : (JSON.parse(policyText) as object);
  }

  /** As S3 itself answers it. */
  async #bucketPolicy(arn: string): Promise<object | undefined> {
    const bucket = /^arn:aws:s3:::([^/*]+)/.exec(arn)?.[1];
    if (bucket === undefined) return undefined;
    const headers = signedFor('s3', 'us-east-1');
    const response = await fetch(`${this.#sources.emulator}/${bucket}?policy`, { headers });
    return response.ok ? ((await response.json()) as object) : undefined;
  }

  /** The tagging API of the emulator knows neither listeners nor rules. */
  async #loadBalancingTags(arn: string): Promise<Tags> {
    const command = new DescribeLoadBalancingTagsCommand({ ResourceArns: [arn] });
    const found = await this.#sources.elasticLoadBalancingV2.send(command).catch(() => undefined);
    return asTags(found?.TagDescriptions?.[0]?.Tags);
  }

  /** The VPC of a subnet or a security group. */
  async vpcOf(id: string): Promise<string | undefined> {
    const { ec2 } = this.#sources;
    if (id.startsWith('subnet-')) {
      const found = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] })).catch(() => undefined);
      return found?.Subnets?.[0]?.VpcId;
    }
    const found = await ec2
      .send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))
      .catch(() => undefined);
    return found?.SecurityGroups?.[0]?.VpcId;
  }

  /** The id of the resource that an association, or a launch template's name, belongs to. */
  async idBehind(text: string, parameter: string): Promise<string[]> {
    const { ec2 } = this.#sources;
    if (text.startsWith('rtbassoc-')) {
      const Filters = [{ Name: 'association.route-table-association-id', Values: [text] }];
      const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
      return RouteTables.map(({ RouteTableId }) => RouteTableId ?? '');
    }
    if (text.startsWith('eipassoc-')) {
      const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
      return Addresses.filter(({ AssociationId }) => AssociationId === text).map(
        (one) => one.AllocationId ?? '',
      );
    }
    if (parameter !== 'LaunchTemplateName') return [];
    const named = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [text] });
    const found = await ec2.send(named).catch(() => undefined);
    return (found?.LaunchTemplates ?? []).map(({ LaunchTemplateId }) => LaunchTemplateId ?? '');
  }

  /** What a version of a launch template says; undefined where there is none. */
  async templateData(id: string, version: string): Promise<ResponseLaunchTemplateData | undefined> {
    const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] });
    const found = await this.#sources.ec2.send(command).catch(() => undefined);
    return found?.LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  }
}
