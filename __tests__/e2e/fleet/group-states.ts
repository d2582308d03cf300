import {
  CompleteLifecycleActionCommand,
  DeleteAutoScalingGroupCommand,
  EnterStandbyCommand,
  PutLifecycleHookCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../support/fleet.ts';
import { unhurried } from '../support/unhurried.ts';
import { deployed, refused, rolledBack } from './cases.ts';
import type { Case } from './cases.ts';

/** States of a group that AWS would accept a refresh in, and then stall on it or never undo it. */

const behindLoadBalancer = { drain: 10 };
export const suspend = ({ fleet, group }: Service, process: string) =>
  fleet.autoScaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [process] }),
  );

export const resume = ({ fleet, group }: Service) =>
  fleet.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: group }));

async function firstInstance(service: Service): Promise<string> {
  return (await service.look()).Instances?.[0]?.InstanceId ?? '';
}

const hook = (service: Service, HeartbeatTimeout: number, DefaultResult: 'CONTINUE' | 'ABANDON') =>
  service.fleet.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: service.group,
      LifecycleHookName: 'warm-cache',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      HeartbeatTimeout,
      DefaultResult,
    }),
  );

/** What a user's own program does: completes the hook of every new instance that waits for it, to the end of the refresh. */
async function completeHooks(service: Service, LifecycleActionResult: 'CONTINUE' | 'ABANDON'): Promise<void> {
  const isOver = async () => /Successful|Failed/.test((await service.refreshes())[0]?.Status ?? '');
  while (!(await isOver())) {
    await delay(300);
    for (const { InstanceId, LifecycleState, LaunchTemplate } of (await service.look()).Instances ?? []) {
      if (LifecycleState !== 'Pending:Wait' || LaunchTemplate?.Version !== '2') continue;
      const action = { AutoScalingGroupName: service.group, LifecycleHookName: 'warm-cache', InstanceId };
      await service.fleet.autoScaling
        .send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult }))
        // It went on by itself in this moment.
        .catch(() => undefined);
    }
  }
}

const suspended: Case[] = ['Launch', 'Terminate', 'InstanceRefresh', 'AddToLoadBalancer'].map((process) => ({
  title: `${process} is suspended`,
  service: behindLoadBalancer,
  before: (service) => suspend(service, process),
  ends: refused('preflight'),
  says: [/the process \w+ of the group is suspended/, /resume-processes/],
}));

const protect = async (service: Service) =>
  service.fleet.autoScaling.send(
    new SetInstanceProtectionCommand({
      AutoScalingGroupName: service.group,
      InstanceIds: [await firstInstance(service)],
      ProtectedFromScaleIn: true,
    }),
  );

const setAside: Case[] = [
  {
    title: 'an instance is protected from scale-in in the last moment',
    // New instances take their time, so that the first is there to be protected.
    ...unhurried,
    run: (service) => ({ when: [[/Rollout forecast/, () => protect(service)]] }),
    ends: refused('outdated-instances', {
      refreshes: ['Successful'],
      versions: { '1': 1, '2': 1 },
      saved: '2',
    }),
    says: [
      /AWS calls the refresh successful, but 1 of 2 instances do not run version 2/,
      /still there: +i-\w+ \(1 protected from scale-in\)/,
    ],
  },
  {
    title: 'an instance is protected from scale-in',
    before: protect,
    ends: refused('preflight'),
    says: [/1 of 2 instances are protected from scale-in: i-/, /set-instance-protection/],
  },
  {
    title: 'an instance is in Standby',
    before: async (service) => {
      await service.fleet.autoScaling.send(
        new EnterStandbyCommand({
          AutoScalingGroupName: service.group,
          InstanceIds: [await firstInstance(service)],
          ShouldDecrementDesiredCapacity: true,
        }),
      );
    },
    ends: refused('preflight'),
    says: [/1 of 2 instances are in Standby: i-/, /exit-standby/],
  },
];

const hooks: Case[] = [
  {
    title: 'a launch hook that nobody completes',
    before: (service) => hook(service, 120, 'ABANDON'),
    ends: rolledBack('lifecycle-hook'),
    says: [
      /nobody completed the lifecycle hook warm-cache in time \(120 s\)/,
      /rolled back: both instances run version 1 again/,
    ],
  },
  {
    title: 'a launch hook that turns instances away',
    before: (service) => hook(service, 7200, 'CONTINUE'),
    run: (service) => ({
      when: [[/started instance refresh/, () => completeHooks(service, 'ABANDON')]],
    }),
    ends: rolledBack('lifecycle-hook'),
    says: [/the lifecycle hook warm-cache turned new instances away/],
  },
  {
    title: 'a launch hook that somebody completes',
    before: (service) => hook(service, 7200, 'ABANDON'),
    run: (service) => ({
      when: [[/started instance refresh/, () => completeHooks(service, 'CONTINUE')]],
    }),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
  },
];

const groups: Case[] = [
  {
    title: 'the saved version is $Latest',
    before: (service) =>
      service.fleet.autoScaling.send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: service.group,
          LaunchTemplate: { LaunchTemplateId: service.templateId, Version: '$Latest' },
        }),
      ),
    ends: refused('preflight', { saved: '$Latest' }),
    says: [/the group's saved launch template version is \$Latest/],
  },
  {
    title: 'the health checks never see the load balancer',
    service: { drain: 10, group: { HealthCheckType: 'EC2' } },
    ends: refused('preflight'),
    says: [/the health check type of the group is EC2, although it has target groups/],
  },
  {
    title: 'the maximum size leaves no room to launch first',
    service: { group: { MaxSize: 2 } },
    ends: deployed(),
    says: [/Warning: the maximum size of the group is 2, and launching first needs 4/],
  },
  {
    title: 'the group is gone',
    before: async ({ fleet, group }) => {
      await fleet.autoScaling.send(
        new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: group, ForceDelete: true }),
      );
      await delay(2000);
    },
    ends: refused('group-missing', { versions: {}, saved: undefined }),
    says: [/names the Auto Scaling group \S+, and there is none in eu-north-1/],
  },
  {
    title: 'somebody suspends Launch meanwhile',
    ...unhurried,
    service: {
      ...unhurried.service,
      group: {
        ...unhurried.service.group,
        InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
      },
    },
    run: (service) => ({
      when: [[/started instance refresh/, () => suspend(service, 'Launch')]],
    }),
    ends: rolledBack('rollout-stalled'),
    says: [/Launch suspended on the group/],
  },
];

export const groupStates: Case[] = [...suspended, ...setAside, ...hooks, ...groups];
