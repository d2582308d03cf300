import type { RolloutApi } from '../../../src/rollout/aws/api.ts';
import {
  alarmAfter,
  broken,
  denied,
  expired,
  failing,
  forGood,
  hangingHook,
  skewed,
  throttled,
  unavailable,
} from './fault-acts.ts';
import {
  awsError,
  greenName,
  greenTargetGroupArn,
  groupName,
  lostAnswer,
  targetGroupArn,
  templateId,
  type SimulatedAws,
} from './simulated-aws.ts';

/** What can go wrong in the world while a version is rolled out, each by itself: the pairs are made of them. */

export type StrategyName = 'rolling' | 'blue-green';

export interface WorldFault {
  name: string;
  /** What it strikes: a pair is of two kinds. */
  of: 'calls' | 'instances' | 'others';
  /** Only where rollouts of this strategy can meet it. */
  only?: StrategyName;
  /** Sets it off, or has it happen in so many seconds. */
  begins: (world: SimulatedAws, strategy: StrategyName) => unknown;
  /** What a person reads of it where it ends a rollout. */
  words: RegExp;
  /** It takes instances away that serve. */
  takes?: true;
  /** Afterwards the group is gone, so that there is nothing to roll out to. */
  destroys?: true;
}

type Name = keyof RolloutApi;

const reads: Name[] = ['refresh', 'refreshes', 'group', 'targets', 'activities', 'forwardRule', 'alarms'];
const orders: Name[] = ['start', 'rollBack', 'cancel', 'setForwardWeights', 'setSizes', 'setRolloutTo'];

const calls: Omit<WorldFault, 'of'>[] = [
  { name: 'questions are throttled', begins: failing(20, reads, throttled, { times: 6 }), words: /Rate/ },
  {
    name: 'orders are throttled',
    begins: failing(0, orders, throttled, { times: 3 }),
    words: /Rate exceeded/,
  },
  {
    name: 'questions are answered with 500',
    begins: failing(30, reads, unavailable, { times: 8 }),
    words: /unavailable/,
  },
  {
    name: 'orders are answered with 500',
    begins: failing(0, orders, unavailable, { times: 2 }),
    words: /unavai/,
  },
  {
    name: 'answers to orders are lost',
    begins: failing(0, orders, lostAnswer, { times: 1, done: true }),
    words: /socket hang up/,
  },
  {
    name: 'answers to orders are lost in the middle',
    begins: failing(60, orders, lostAnswer, { times: 2, done: true }),
    words: /socket hang up/,
  },
  {
    name: 'credentials expire, and are renewed',
    begins: failing(40, [...reads, ...orders], expired, { times: 2 }),
    words: /expired/,
  },
  {
    name: 'credentials expire for good',
    begins: failing(50, [...reads, ...orders], expired, forGood),
    words: /credentials|expired/,
  },
  {
    name: 'the clock is off for a while',
    begins: failing(40, [...reads, ...orders], skewed, { times: 3 }),
    words: /clock|Signature expired/,
  },
  {
    name: 'the clock is off for good',
    begins: failing(50, [...reads, ...orders], skewed, forGood),
    words: /clock|Signature expired/,
  },
  {
    name: 'IAM refuses every order from the middle on',
    begins: failing(50, orders, denied, forGood),
    words: /may not/,
  },
  {
    name: 'IAM refuses every question from the middle on',
    begins: failing(50, reads, denied, forGood),
    words: /may not/,
  },
  {
    name: 'IAM refuses what is useful and not vital',
    begins: failing(
      0,
      ['console', 'activities', 'hooks', 'recentActivities', 'scheduledActions'],
      denied,
      forGood,
    ),
    words: /may not/,
  },
  {
    name: 'AWS can not roll back',
    only: 'rolling',
    begins: failing(0, ['rollBack'], () => awsError('IrreversibleInstanceRefresh', 'because'), { times: 9 }),
    words: /can't roll this refresh back|IrreversibleInstanceRefresh/,
  },
];

const newGroup = (strategy: StrategyName): string => (strategy === 'rolling' ? groupName : greenName);

const instances: Omit<WorldFault, 'of'>[] = [
  { name: 'the boot fails', begins: broken({ bootFailure: 'pull' }), words: /image can't be pulled/ },
  {
    name: 'targets are never healthy',
    begins: broken({ neverHealthy: 'Target.ResponseCodeMismatch' }),
    words: /healthz|health checks/,
  },
  { name: 'there is no capacity', begins: broken({ noCapacity: true }), words: /capacity/ },
  {
    name: 'there is no capacity for two minutes',
    begins(world) {
      world.fault({ templateVersion: 2, noCapacity: true });
      world.after(120, () => world.simulated.clearFaults());
    },
    words: /capacity/,
  },
  { name: 'the start is slow', begins: broken({ secondsToHealthy: 50 }), words: /./ },
  {
    name: 'instances stop a minute after they ran',
    begins: broken({ diesAfterSeconds: 60 }),
    words: /stay up|stopped running|do not serve|served and then/,
    takes: true,
  },
  {
    name: 'a lifecycle hook hangs',
    begins: (world, strategy) => hangingHook(newGroup(strategy))(world),
    words: /lifecycle hook warm-cache/,
  },
  {
    name: 'an alarm goes off',
    begins: alarmAfter(70),
    words: /alarm errors/,
  },
  {
    name: 'the version fails 3 % of the requests',
    only: 'blue-green',
    begins(world) {
      world.demand = {
        ...world.demand,
        of: (version) => ({ errors: version === 2 ? 0.03 : 0, seconds: 0.05 }),
      };
    },
    words: /requests failed/,
  },
];

const somebody =
  (seconds: number, operation: string, parameters: Record<string, unknown>): WorldFault['begins'] =>
  (world) =>
    world.after(seconds, () =>
      world
        .operation(operation, { AutoScalingGroupName: groupName, ...parameters })
        // AWS refuses what can't be done at that moment, to them as to anybody.
        .catch(() => undefined),
    );

const rollsOut3 = {
  DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '3' } },
  Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
};

const others: Omit<WorldFault, 'of'>[] = [
  {
    name: 'the group is scaled out',
    begins: somebody(45, 'UpdateAutoScalingGroup', { DesiredCapacity: 5 }),
    words: /./,
  },
  {
    name: 'the group is scaled in',
    begins: somebody(45, 'UpdateAutoScalingGroup', { MinSize: 0, DesiredCapacity: 1 }),
    words: /./,
  },
  {
    name: 'a host fails under an instance that serves',
    begins: (world) =>
      world.after(30, async () => {
        const old = (await world.find(groupName))?.instances.find((each) => each.templateVersion === 1);
        if (old !== undefined) world.simulated.simulation.kill(old.id);
      }),
    words: /./,
    takes: true,
  },
  {
    name: 'Launch is suspended',
    begins: (world, strategy) =>
      somebody(25, 'SuspendProcesses', {
        AutoScalingGroupName: newGroup(strategy),
        ScalingProcesses: ['Launch'],
      })(world, strategy),
    words: /Launch suspended|Launch of the group is suspended/,
  },
  {
    name: 'somebody cancels the refresh',
    only: 'rolling',
    begins: somebody(60, 'CancelInstanceRefresh', {}),
    words: /cancelled/,
  },
  {
    name: 'somebody rolls the refresh back',
    only: 'rolling',
    begins: somebody(60, 'RollbackInstanceRefresh', {}),
    words: /rolled back, and not by this run/,
  },
  {
    name: 'somebody cancels the refresh and rolls another version out',
    only: 'rolling',
    begins: (world) =>
      world.after(60, async () => {
        const group = { AutoScalingGroupName: groupName };
        await world
          .operation('CancelInstanceRefresh', { ...group, WaitForTransitioningInstances: false })
          .catch(() => undefined);
        await world.operation('StartInstanceRefresh', { ...group, ...rollsOut3 }).catch(() => undefined);
      }),
    words: /cancelled|another instance refresh|overtaken/,
  },
  {
    name: 'somebody deletes the group',
    only: 'rolling',
    begins: somebody(60, 'DeleteAutoScalingGroup', { ForceDelete: true }),
    words: /was deleted|there is no Auto Scaling group/,
    ...{ takes: true, destroys: true },
  },
  {
    name: 'somebody gives the old version all requests',
    only: 'blue-green',
    begins: (world) =>
      world.after(200, () => (world.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 })),
    words: /taken back by somebody else/,
  },
  {
    name: 'somebody empties the new group',
    only: 'blue-green',
    begins: somebody(60, 'UpdateAutoScalingGroup', {
      ...{ AutoScalingGroupName: greenName, MinSize: 0, DesiredCapacity: 0 },
    }),
    words: /taken back by somebody else|was emptied/,
    takes: true,
  },
  {
    name: 'somebody has the new group launch another version',
    only: 'blue-green',
    begins: somebody(60, 'UpdateAutoScalingGroup', {
      AutoScalingGroupName: greenName,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: '3' },
    }),
    words: /launches version 3/,
  },
  {
    name: 'somebody replaces the instances that serve',
    only: 'blue-green',
    begins: somebody(60, 'StartInstanceRefresh', rollsOut3),
    words: /./,
  },
];

const tagged = (of: WorldFault['of'], faults: Omit<WorldFault, 'of'>[]): WorldFault[] =>
  faults.map((fault) => ({ ...fault, of }));

export const worldFaults: readonly WorldFault[] = [
  ...tagged('calls', calls),
  ...tagged('instances', instances),
  ...tagged('others', others),
];
