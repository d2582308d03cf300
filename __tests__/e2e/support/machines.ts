/** Instances that really boot, one group each: what a test needs to start them with a script and to look into them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
} from '@aws-sdk/client-ec2';
import { containerName } from '../../../local-cloud/instance/index.ts';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';
import { eventually } from '../../support/eventually.ts';
import { makeInstanceProfile } from './instance-profile.ts';

const run = promisify(execFile);

/** The output of a docker command, trimmed. */
export async function docker(...parameters: string[]): Promise<string> {
  return (await run('docker', parameters, { maxBuffer: 1 << 26 })).stdout.trim();
}

/** The instance of a group of one whose end of boot is being waited for. */
export interface Machine {
  id: string;
  health: string;
  console: string;
}

export class Machines {
  readonly #autoScaling: AutoScalingClient;
  readonly #ec2: EC2Client;
  readonly #cloud: CloudDescription;

  constructor(cloud: CloudDescription) {
    this.#cloud = cloud;
    this.#autoScaling = new AutoScalingClient(clientConfiguration(cloud));
    this.#ec2 = new EC2Client(clientConfiguration(cloud));
  }

  /** A group of one instance that stays to be looked at when it is unhealthy. */
  async start(group: string, script: string): Promise<void> {
    const { Subnets = [] } = await this.#ec2.send(new DescribeSubnetsCommand({}));
    await makeInstanceProfile(this.#cloud, group);
    await this.#ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: group,
        LaunchTemplateData: {
          ImageId: 'ami-12345678',
          InstanceType: 't3.micro',
          UserData: Buffer.from(script).toString('base64'),
          IamInstanceProfile: { Name: group },
        },
      }),
    );
    const size = { MinSize: 0, MaxSize: 1 };
    await this.#autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: group,
        LaunchTemplate: { LaunchTemplateName: group, Version: '1' },
        VPCZoneIdentifier: Subnets[0]?.SubnetId ?? '',
        ...size,
        DesiredCapacity: 0,
      }),
    );
    await this.#autoScaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: ['ReplaceUnhealthy'] }),
    );
    await this.#autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: group, DesiredCapacity: 1 }),
    );
  }

  /** The instance once `done` says so of it. */
  async until(group: string, done: (machine: Machine) => boolean): Promise<Machine> {
    let last: Machine | undefined;
    const look = async (): Promise<Machine | false> => {
      last = await this.#look(group);
      return last !== undefined && done(last) && last;
    };
    return eventually(() => `${group}, whose console says:\n${last?.console}`, look, {
      everyMilliseconds: 1000,
    });
  }

  async #look(group: string): Promise<Machine | undefined> {
    const answer = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    const instance = answer.AutoScalingGroups?.[0]?.Instances?.[0];
    if (instance?.InstanceId === undefined) return undefined;
    const { Output = '' } = await this.#ec2.send(
      new GetConsoleOutputCommand({ InstanceId: instance.InstanceId, Latest: true }),
    );
    const console = Buffer.from(Output, 'base64').toString();
    return { id: instance.InstanceId, health: instance.HealthStatus ?? '', console };
  }

  close(): void {
    this.#autoScaling.destroy();
    this.#ec2.destroy();
  }
}

/** What a shell on the instance says. */
export const onInstance = (id: string, command: string): Promise<string> =>
  docker('exec', containerName(id), 'bash', '-c', command);
