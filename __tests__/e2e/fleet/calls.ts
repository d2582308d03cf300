import { expect } from '@jest/globals';
import { deployed, refused, rolledBack } from './cases.ts';
import { expectGranted } from '../support/granted.ts';
import type { Case, End } from './cases.ts';

/** Calls that AWS refuses or whose answers are lost, and jobs that are cancelled, through the built action. */

/** So that a rollout is not over before something else has happened. */
const behindLoadBalancer = { drain: 10, group: { HealthCheckGracePeriod: 36_000 } };
const hang = { secondsToHealthy: 36_000 };

export const calls: Case[] = [
  {
    title: 'the answer to the start is lost: its own refresh is found, and there is one',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault({ secondsToHealthy: 1000 });
      await service.callFault('StartInstanceRefresh', { lost: true });
    },
    ends: deployed(),
    says: [/started instance refresh/],
  },
  {
    title: 'the answer to the start of the way back is lost as well',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault({ bootFailure: 'pull' });
      await service.callFault('RollbackInstanceRefresh', { lost: true });
    },
    ends: rolledBack('boot-failed'),
    says: [/rolled back: both instances run version 1 again/],
    after: (_, { log }) => expect(log).not.toMatch(/cancelling it and going back/),
  },
  {
    title: 'AWS wants fewer calls',
    before: async (service) => {
      await service.callFault('StartInstanceRefresh', { error: 'Throttling', times: 8 });
      await service.callFault('DescribeInstanceRefreshes', { error: 'Throttling', times: 3, after: 2 });
    },
    ends: deployed(),
    says: [/started instance refresh/],
  },
  {
    title: 'somebody else writes at this moment',
    before: (service) =>
      service.callFault('StartInstanceRefresh', { error: 'ResourceContention', status: 500, times: 2 }),
    ends: deployed(),
    says: [/started instance refresh/],
  },
  {
    title: 'AWS is not there for a while',
    before: (service) =>
      service.callFault('DescribeInstanceRefreshes', { error: 'ServiceUnavailable', times: 14, after: 2 }),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
  },
  {
    title: 'the role may not start a refresh',
    before: (service) => service.callFault('StartInstanceRefresh', { error: 'AccessDenied', status: 403 }),
    ends: refused('credentials'),
    says: [/the deploy role may not start an instance refresh/],
  },
  {
    title: 'the role loses the right to look in the middle',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault(hang);
      await service.callFault('DescribeInstanceRefreshes', {
        ...{ error: 'AccessDenied', status: 403, after: 3 },
      });
    },
    ends: refused('credentials', { refreshes: ['InProgress'], versions: { '1': 2, '2': 2 } }),
    says: [
      /the deploy role may not look at the instance refresh/,
      /left: the instance refresh goes on at AWS, unwatched; with auto-rollback it undoes itself/,
    ],
    after: (_, { outputs }) => expect(outputs['instance-refresh-id']).toMatch(/^[0-9a-f-]{36}$/),
  },
  {
    title: 'a rollout that goes back: nothing is called that modules/rollout-policy does not grant',
    service: { ...behindLoadBalancer, alarms: ['errors'] },
    before: (service) => service.fault({ bootFailure: 'pull' }),
    run: { environment: { AWS_ACCESS_KEY_ID: 'roller' } },
    ends: rolledBack('boot-failed'),
    says: [/rolled back: both instances run version 1 again/],
    async after({ fleet }) {
      expect((await expectGranted(fleet, 'roller')).calls).toBeGreaterThan(20);
    },
  },
  {
    title: 'AWS refuses the refresh',
    before: (service) =>
      service.callFault('StartInstanceRefresh', {
        error: 'ValidationError',
        message: "The AMI 'ami-1' is pending.",
      }),
    ends: refused('preflight'),
    says: [/AWS does not accept the rollout of version 2/, /The AMI 'ami-1' is pending/],
  },
];

const cancelled = (change: Partial<End> = {}): End => ({
  ...rolledBack('cancelled'),
  status: 'cancelled',
  ...change,
});

export const cancels: Case[] = [
  {
    title: 'a cancelled job orders the rollback',
    service: behindLoadBalancer,
    before: (service) => service.fault(hang),
    run: { cancelOn: /started instance refresh/ },
    ends: cancelled(),
    says: [
      /the job was cancelled/,
      /AWS is rolling instance refresh \S+ back to version 1, without this job/,
    ],
  },
  {
    title: 'a cancelled job leaves the rollout alone when told so',
    service: behindLoadBalancer,
    before: (service) => service.fault(hang),
    run: { cancelOn: /started instance refresh/, inputs: { 'on-cancel': 'leave' } },
    ends: cancelled({ refreshes: ['InProgress'], versions: { '1': 2, '2': 2 } }),
    says: [/goes on at AWS, as on-cancel says/],
  },
  {
    title: 'a killed job has its rollback ordered by the post entry',
    service: behindLoadBalancer,
    before: async (service) => {
      await service.fault(hang);
      await service.callFault('RollbackInstanceRefresh', {
        error: 'ServiceUnavailable',
        delayMilliseconds: 8000,
      });
    },
    run: {
      cancelOn: /started instance refresh/,
      cancelTimes: { interruptMilliseconds: 50, terminateMilliseconds: 50 },
    },
    ends: cancelled({ exit: null, status: undefined, reason: undefined }),
    says: [/so that was done now: AWS is rolling instance refresh/],
    after: (_, { signals, postExitCode }) => {
      expect(signals).toContain('SIGKILL');
      expect(postExitCode).toBe(0);
    },
  },
];
