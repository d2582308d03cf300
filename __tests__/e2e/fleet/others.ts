import {
  CancelInstanceRefreshCommand,
  DeleteAutoScalingGroupCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { setTimeout as delay } from 'node:timers/promises';
import { deployed, refused, rolledBack } from './cases.ts';
import type { Case } from './cases.ts';
import type { Service } from '../support/fleet.ts';

/** What stands in the way, what somebody else does meanwhile, and both policies, through the built action. */

/** So that a rollout is not over before something else has happened. */
const hang = { secondsToHealthy: 36_000 };
/** A quarter of a minute of the fast clock. */
const slow = { secondsToHealthy: 3000 };
const behindLoadBalancer = { drain: 10, group: { HealthCheckGracePeriod: 36_000 } };

/** Somebody else starts a refresh to a version. */
async function startRefresh(
  { fleet, group, templateId }: Service,
  version: number,
  preferences: Record<string, unknown> = {},
) {
  await fleet.autoScaling.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName: group,
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: String(version) } },
      Preferences: { AutoRollback: true, ...preferences },
    }),
  );
}

export const active: Case[] = [
  {
    title: 'wait: for a refresh to another version, and then bring its own',
    service: { ...behindLoadBalancer, versions: 3 },
    before: async (service) => {
      await service.fault(slow, 3);
      await startRefresh(service, 3);
    },
    ends: deployed({ refreshes: ['Successful', 'Successful'] }),
    says: [/is (waiting to begin|in progress) \(\d+ %\): waiting for it to end/, /template version 3 → 2/],
  },
  {
    title: 'wait: for a refresh to this very version, and then find nothing to do',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault(slow);
      await startRefresh(service, 2);
    },
    ends: deployed({ status: 'unchanged' }),
    says: [/waiting for it to end/, /nothing to roll out/],
  },
  {
    title: 'adopt: a refresh to this version',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault(slow);
      await startRefresh(service, 2);
    },
    run: { inputs: { 'on-active-refresh': 'adopt' } },
    ends: deployed(),
    says: [/brings the same version: watching that one/],
  },
  {
    title: 'adopt: a refresh to this version that goes wrong',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault({ bootFailure: 'pull' });
      await startRefresh(service, 2);
    },
    run: { inputs: { 'on-active-refresh': 'adopt' } },
    ends: rolledBack('boot-failed'),
    says: [/watching that one/, /the image can't be pulled/, /rolled back: both instances run version 1/],
  },
  {
    title: 'adopt: not a refresh to another version',
    service: { ...behindLoadBalancer, versions: 3 },
    before: async (service) => {
      await service.fault(hang, 3);
      await startRefresh(service, 3);
    },
    run: { inputs: { 'on-active-refresh': 'adopt' } },
    ends: refused('refresh-active', { refreshes: ['InProgress'], versions: { '1': 2, '3': 2 } }),
    says: [
      /it brings another version; set on-active-refresh to wait or replace/,
      /the other refresh goes on/,
    ],
  },
  {
    title: 'replace: cancels what runs, and then brings its own',
    service: { ...behindLoadBalancer, versions: 3 },
    before: async (service) => {
      await service.fault(hang, 3);
      await startRefresh(service, 3);
    },
    run: { inputs: { 'on-active-refresh': 'replace' } },
    ends: deployed({ refreshes: ['Successful', 'Cancelled'] }),
    says: [/cancelling it, as on-active-refresh says/, /is over: cancelled/],
  },
  {
    title: 'replace: the answer to the cancellation is lost',
    service: { ...behindLoadBalancer, versions: 3 },
    before: async (service) => {
      await service.fault(hang, 3);
      await startRefresh(service, 3);
      await service.callFault('CancelInstanceRefresh', { lost: true });
    },
    run: { inputs: { 'on-active-refresh': 'replace' } },
    ends: deployed({ refreshes: ['Successful', 'Cancelled'] }),
    says: [/is over: cancelled/],
  },
  {
    title: 'fail: touches nothing',
    service: { ...behindLoadBalancer, versions: 3 },
    before: async (service) => {
      await service.fault(hang, 3);
      await startRefresh(service, 3);
    },
    run: { inputs: { 'on-active-refresh': 'fail' } },
    ends: refused('refresh-active', { refreshes: ['InProgress'], versions: { '1': 2, '3': 2 } }),
    says: [
      /another instance refresh of \S+ is in progress/,
      /set on-active-refresh to wait, adopt or replace/,
    ],
  },
];

export const others: Case[] = [
  {
    title: 'somebody cancels the refresh',
    service: behindLoadBalancer,
    before: (service) => service.fault(hang),
    run: (service) => ({
      when: [
        [
          /started instance refresh/,
          () =>
            service.fleet.autoScaling.send(
              new CancelInstanceRefreshCommand({ AutoScalingGroupName: service.group }),
            ),
        ],
      ],
    }),
    ends: rolledBack('cancelled', { refreshes: ['Cancelled'] }),
    says: [/somebody else cancelled the instance refresh/, /rolled back: both instances run version 1 again/],
  },
  {
    title: 'somebody rolls the refresh back',
    service: behindLoadBalancer,
    before: (service) => service.fault(hang),
    run: (service) => ({
      when: [
        [
          /started instance refresh/,
          async () => {
            await delay(1000);
            await service.fleet.autoScaling.send(
              new RollbackInstanceRefreshCommand({ AutoScalingGroupName: service.group }),
            );
          },
        ],
      ],
    }),
    ends: rolledBack('cancelled'),
    says: [/the instance refresh was rolled back, and not by this run/],
  },
  {
    title: 'somebody deletes the group',
    service: behindLoadBalancer,
    before: (service) => service.fault(hang),
    run: (service) => ({
      when: [
        [
          /started instance refresh/,
          () =>
            service.fleet.autoScaling.send(
              new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: service.group, ForceDelete: true }),
            ),
        ],
      ],
    }),
    ends: refused('group-missing', { versions: {}, saved: undefined }),
    says: [/the group \S+ was deleted while it was rolled out to/, /its instances with it/],
  },
  {
    title: 'a guard alarm goes off',
    service: { ...behindLoadBalancer, alarms: ['case-errors'] },
    before: (service) => service.fault(hang),
    run: (service) => ({
      when: [[/started instance refresh/, () => service.fleet.alarm('case-errors', 'ALARM')]],
    }),
    ends: rolledBack('alarm'),
    says: [/the new version set off the alarm case-errors/, /ALARM for a test/],
  },
];
