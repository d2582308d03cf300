/** Templates, subnets and alarms as the emulator behind the gateway keeps them. */
import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type { Network } from './api/context.ts';
import type { AlarmState, Alarms, TemplateVersion, Templates } from './driver.ts';

/** Rejects with EC2's own errors. */
export function createTemplates(ec2: EC2Client): Templates {
  return {
    async describe(idOrName, version): Promise<TemplateVersion> {
      const which = idOrName.startsWith('lt-')
        ? { LaunchTemplateId: idOrName }
        : { LaunchTemplateName: idOrName };
      const found = await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ ...which, Versions: [version] }),
      );
      const [answer] = found.LaunchTemplateVersions ?? [];
      if (answer?.LaunchTemplateId === undefined || answer.VersionNumber === undefined) {
        const error = new Error(
          `Could not find the specified version ${version} for the launch template ${idOrName}.`,
        );
        error.name = 'InvalidLaunchTemplateId.VersionNotFound';
        throw error;
      }
      const data = answer.LaunchTemplateData ?? {};
      const profile = data.IamInstanceProfile?.Name ?? data.IamInstanceProfile?.Arn;
      return {
        id: answer.LaunchTemplateId,
        name: answer.LaunchTemplateName ?? '',
        version: answer.VersionNumber,
        imageId: data.ImageId ?? '',
        instanceType: data.InstanceType ?? '',
        userData: Buffer.from(data.UserData ?? '', 'base64').toString(),
        ...(profile !== undefined && { instanceProfile: profile }),
        ...(data.KeyName !== undefined && { keyName: data.KeyName }),
        securityGroupIds: data.NetworkInterfaces?.[0]?.Groups ?? data.SecurityGroupIds ?? [],
      };
    },
  };
}

/** Rejects with EC2's own error for a subnet that is not there. */
export const createNetwork = (ec2: EC2Client): Network => ({
  async subnets(subnetIds) {
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: subnetIds }));
    return Subnets.map((subnet) => ({
      subnetId: subnet.SubnetId ?? '',
      availabilityZone: subnet.AvailabilityZone ?? '',
      cidrBlock: subnet.CidrBlock ?? '10.0.0.0/16',
    }));
  },
});

const states: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export const createAlarms = (cloudWatch: CloudWatchClient): Alarms => ({
  async state(name) {
    const found = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    const alarm = found.MetricAlarms?.[0] ?? found.CompositeAlarms?.[0];
    return states.find((state) => state === alarm?.StateValue);
  },
});
