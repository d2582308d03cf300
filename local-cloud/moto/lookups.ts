/** What the fleet asks of the services that moto keeps: template versions, subnets, alarm states. */
import {
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type CloudWatchClient,
  type MetricAlarm as ApiAlarm,
} from '@aws-sdk/client-cloudwatch';
import {
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { AlarmBook } from '../metrics/index.ts';
import type { Alarms, Network, Templates, TemplateVersion } from '../fleet/index.ts';

function instanceTags({ TagSpecifications = [] }: ResponseLaunchTemplateData): Record<string, string> {
  const tags = TagSpecifications.filter(({ ResourceType }) => ResourceType === 'instance').flatMap(
    ({ Tags = [] }) => Tags,
  );
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

function securityGroups(data: ResponseLaunchTemplateData): string[] | undefined {
  return data.SecurityGroupIds ?? data.NetworkInterfaces?.flatMap(({ Groups }) => Groups ?? []);
}

/** Launch template versions, as moto's EC2 resolves them. Errors have EC2's code as their name. */
export function createTemplates(ec2: EC2Client): Templates {
  return {
    async describe(idOrName, version): Promise<TemplateVersion> {
      if (!/^(\d{1,9}|\$Latest|\$Default)$/.test(version)) {
        // moto fails on it; AWS's own wording is not known.
        const error = new Error(`The launch template version ${version} is no number, $Latest or $Default.`);
        error.name = 'InvalidLaunchTemplateId.VersionNotFound';
        throw error;
      }
      const which = idOrName.startsWith('lt-')
        ? { LaunchTemplateId: idOrName }
        : { LaunchTemplateName: idOrName };
      const command = new DescribeLaunchTemplateVersionsCommand({ ...which, Versions: [version] });
      const found = (await ec2.send(command)).LaunchTemplateVersions?.[0];
      const data = found?.LaunchTemplateData;
      if (found === undefined || data === undefined) {
        const error = new Error(`Could not find launch template version ${version} of ${idOrName}`);
        error.name = 'InvalidLaunchTemplateId.VersionNotFound';
        throw error;
      }
      return {
        id: found.LaunchTemplateId ?? '',
        name: found.LaunchTemplateName ?? '',
        version: found.VersionNumber ?? 0,
        imageId: data.ImageId ?? '',
        instanceType: data.InstanceType ?? '',
        userData: Buffer.from(data.UserData ?? '', 'base64').toString(),
        instanceProfile: data.IamInstanceProfile?.Name ?? data.IamInstanceProfile?.Arn,
        keyName: data.KeyName,
        securityGroupIds: securityGroups(data),
        tags: instanceTags(data),
      };
    },
  };
}

/** Subnets with their zones and address ranges. Rejects with EC2's InvalidSubnetID.NotFound. */
export function createNetwork(ec2: EC2Client): Network {
  return {
    async subnets(subnetIds) {
      const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: subnetIds }));
      return (Subnets ?? []).map((subnet) => ({
        subnetId: subnet.SubnetId ?? '',
        availabilityZone: subnet.AvailabilityZone ?? '',
        cidrBlock: subnet.CidrBlock ?? '',
      }));
    },
  };
}

/** The states of metric and composite alarms. */
export function createAlarms(cloudWatch: CloudWatchClient): Alarms {
  return {
    async state(name) {
      const AlarmTypes: ('MetricAlarm' | 'CompositeAlarm')[] = ['MetricAlarm', 'CompositeAlarm'];
      const found = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes }));
      return (found.MetricAlarms?.[0] ?? found.CompositeAlarms?.[0])?.StateValue;
    },
  };
}

/** Metric alarms as moto keeps them, for those who evaluate them. */
export function createAlarmBook(cloudWatch: CloudWatchClient): AlarmBook {
  return {
    async list() {
      const alarms: ApiAlarm[] = [];
      let NextToken: string | undefined;
      do {
        const found = await cloudWatch.send(new DescribeAlarmsCommand({ NextToken }));
        alarms.push(...(found.MetricAlarms ?? []));
        ({ NextToken } = found);
      } while (NextToken !== undefined);
      return alarms;
    },
    async setState(AlarmName, { state, reason }, StateReasonData) {
      await cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName, StateValue: state, StateReason: reason, StateReasonData }),
      );
    },
  };
}
