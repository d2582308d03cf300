import { deployed, rolledBack } from './cases.ts';
import type { Case, End } from './cases.ts';

/** Every fault that simulated instances can have, and every end that AWS gives a refresh, through the built action. */

const behindLoadBalancer = { drain: 10 };
const undone = /rolled back: both instances run version 1 again/;

/** One of two instances was taken out, and nothing comes in its place. */
const notBack = (refresh: string): End => ({
  exit: 1,
  status: 'failed',
  reason: 'rollback-failed',
  refreshes: [refresh],
  versions: { '1': 1 },
  saved: '1',
});

const boots: Case[] = (
  [
    [
      'docker',
      /the new version does not start: the container engine can't be set up on \d+ of \d+ new instances/,
    ],
    ['login', /the new version does not start: .* \d+ of \d+ new instances/],
    ['config', /the new version does not start: .* \d+ of \d+ new instances/],
    ['pull', /the new version does not start: the image can't be pulled by \d+ of \d+ new instances/],
    ['run', /the new version does not start: .* \d+ of \d+ new instances/],
    ['health', /the new version does not start: .* \d+ of \d+ new instances/],
  ] as const
).map(([step, sentence]) => ({
  title: `the boot fails in the step ${step}`,
  service: behindLoadBalancer,
  before: (service) => service.fault({ bootFailure: step }),
  ends: rolledBack('boot-failed'),
  says: [sentence, undone],
}));

const targets: Case[] = (
  [
    ['Target.ResponseCodeMismatch', /it answers \/healthz with 503|load balancer's health checks failed/],
    ['Target.Timeout', /./],
    ['Target.FailedHealthChecks', /./],
    ['Elb.InternalError', /./],
  ] as const
).map(([code, sentence]) => ({
  title: `targets are never healthy: ${code}`,
  service: behindLoadBalancer,
  before: (service) => service.fault({ neverHealthy: code }),
  ends: rolledBack('targets-unhealthy'),
  says: [sentence, undone],
}));

const others: Case[] = [
  {
    title: 'capacity that is wanting',
    before: (service) => service.fault({ noCapacity: true }),
    run: { inputs: { 'unhealthy-timeout': '30' } },
    ends: rolledBack('launch-failed'),
    says: [/new instances can't be launched: .*capacity/, undone],
  },
  {
    title: 'a machine image that does not exist',
    before: (service) => service.fault({ noCapacity: "The image id 'ami-4edb0327' does not exist." }),
    ends: rolledBack('launch-failed'),
    says: [/the machine image \(AMI\) of the launch template does not exist/, undone],
  },
  {
    title: 'instances that stop a minute after they ran',
    service: behindLoadBalancer,
    before: (service) => service.fault({ diesAfterSeconds: 60 }),
    run: { inputs: { 'instance-warmup': '120' } },
    ends: rolledBack('boot-failed'),
    says: [/the new version does not stay up/, undone],
  },
  {
    title: 'a slow start',
    service: { drain: 10, group: { HealthCheckGracePeriod: 900 } },
    before: (service) => service.fault({ secondsToHealthy: 600 }),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
  },
  {
    title: 'a slow drain',
    service: behindLoadBalancer,
    before: (service) => service.fault({ drainSeconds: 900 }, 1),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
  },
];

const statuses: Case[] = [
  {
    title: 'AWS gives up: Failed, where nothing is rolled back',
    before: (service) => service.fault({ noCapacity: true }),
    run: { inputs: { 'auto-rollback': 'false', 'unhealthy-timeout': '3500' } },
    ends: {
      ...rolledBack('launch-failed'),
      status: 'failed',
      refreshes: ['Failed'],
    },
    says: [/new instances can't be launched/, /AWS on the refresh \(Failed\)/],
  },
  {
    title: 'AWS gives up: RollbackSuccessful',
    before: (service) => service.fault({ noCapacity: true }),
    run: { inputs: { 'unhealthy-timeout': '3500' } },
    ends: rolledBack('launch-failed'),
    says: [/new instances can't be launched/, undone],
  },
];

const lost: Case[] = [
  {
    title: 'the old version can not come back either, for good: told at once',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault({ bootFailure: 'run' });
      await service.fault({ noCapacity: "The image id 'ami-4edb0327' does not exist." }, 1);
    },
    run: { inputs: { 'min-healthy-percentage': '50' } },
    // Told while AWS goes on trying: on a busy machine it has given up when it is looked at.
    ends: [notBack('RollbackInProgress'), notBack('RollbackFailed')],
    says: [
      /Error: THE ROLLBACK FAILED, the group may run both versions: the new version does not start/,
      /why the rollback failed: .*(instances of version 1 can't be launched: the machine image \(AMI\)|image id 'ami-4edb0327')/,
      /not rolled back: /,
      /give Terraform an AMI that exists in this region and account/,
    ],
  },
  {
    title: 'AWS gives the way back up: RollbackFailed',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault({ bootFailure: 'run' });
      await service.fault({ noCapacity: true }, 1);
    },
    run: { inputs: { 'min-healthy-percentage': '50', 'unhealthy-timeout': '3500' } },
    ends: notBack('RollbackFailed'),
    says: [
      /Error: THE ROLLBACK FAILED, the group may run both versions: the new version does not start/,
      /why the rollback failed: .*The last launch failed: We currently do not have sufficient t3.micro/,
    ],
  },
];

export const faults: Case[] = [...boots, ...targets, ...others, ...statuses, ...lost];
