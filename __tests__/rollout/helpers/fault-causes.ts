import { LaunchFailure } from '../../../local-cloud/fleet/index.ts';
import type { Inputs } from '../../../src/inputs/table.ts';
import type { BlueGreenFault, RollingFault } from '../../support/faults.ts';
import { otherRefresh, replaceRefresh, suspend } from './acts.ts';
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
  type Act,
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

/** How each fault of the documents comes about in a simulated world. */
export interface Cause {
  begins: Act;
  inputs?: Partial<Inputs>;
}

const badVersion = broken({ bootFailure: 'run', bootDetails: 'the container ended (exit code 1)' });

type Names = Parameters<typeof failing>[1];

const all =
  (...acts: Act[]): Act =>
  async (world) => {
    for (const act of acts) await act(world);
  };

const lost = (...names: Names): Act => failing(0, names, lostAnswer, { done: true });

const calls =
  (seconds: number, operation: string, parameters: Record<string, unknown> = {}): Act =>
  (world) =>
    world.after(seconds, () =>
      world.operation(operation, { AutoScalingGroupName: groupName, ...parameters }),
    );

const noImage = "The image id 'ami-4edb0327' does not exist.";

export const rollingCauses: Record<RollingFault, Cause> = {
  throttled: {
    begins: all(
      failing(0, ['start'], throttled, { times: 3 }),
      failing(20, ['refresh', 'group'], throttled, { times: 8 }),
    ),
  },
  unavailable: { begins: failing(20, ['refresh', 'group', 'targets'], unavailable, { times: 8 }) },
  lostStart: { begins: lost('start') },
  lostRollback: { begins: all(badVersion, lost('rollBack')) },
  lostCancel: {
    begins: all(lost('cancel'), async (world) => {
      await otherRefresh(world, '3');
      await world.advance(10);
    }),
    inputs: { onActiveRefresh: 'replace' },
  },
  deniedStart: { begins: failing(0, ['start'], denied, forGood) },
  deniedQuestions: { begins: failing(30, ['refresh'], denied, forGood) },
  deniedRollback: { begins: all(badVersion, failing(0, ['rollBack'], denied, forGood)) },
  deniedWayBack: {
    begins: all(badVersion, failing(20, ['rollBack', 'cancel', 'start'], denied, forGood)),
  },
  irreversible: {
    begins: all(
      badVersion,
      failing(0, ['rollBack'], () => awsError('IrreversibleInstanceRefresh')),
    ),
  },
  renewed: { begins: failing(30, ['refresh', 'group'], expired, { times: 2 }) },
  expired: { begins: failing(30, ['refresh', 'group'], expired, forGood) },
  skewed: { begins: failing(30, ['refresh', 'group'], skewed, forGood) },
  noCapacity: { begins: broken({ noCapacity: true }) },
  someCapacity: {
    begins: all(broken({ noCapacity: true }), (world) =>
      world.after(120, () => world.simulated.clearFaults()),
    ),
  },
  noMachineImage: { begins: broken({ noCapacity: noImage }) },
  imageDeleted: { begins: broken({ bootFailure: 'pull', bootDetails: 'docker failed: manifest unknown' }) },
  registryDown: { begins: broken({ bootFailure: 'pull', bootDetails: 'docker failed: i/o timeout' }) },
  diskFull: {
    begins: broken({ bootFailure: 'pull', bootDetails: 'docker failed: no space left on device' }),
  },
  crashes: { begins: badVersion },
  neverHealthy: { begins: broken({ neverHealthy: true }) },
  dies: { begins: broken({ diesAfterSeconds: 60 }), inputs: { instanceWarmup: 120 } },
  hook: { begins: hangingHook(groupName) },
  alarm: { begins: alarmAfter(45) },
  scaledOut: { begins: calls(45, 'UpdateAutoScalingGroup', { DesiredCapacity: 5 }) },
  scaledIn: { begins: calls(45, 'UpdateAutoScalingGroup', { DesiredCapacity: 1 }) },
  scaledToNothing: { begins: calls(45, 'UpdateAutoScalingGroup', { DesiredCapacity: 0 }) },
  suspended: { begins: (world) => suspend(world, 'Launch') },
  suspendedMeanwhile: { begins: (world) => world.after(25, () => suspend(world, 'Launch')) },
  protectedMeanwhile: {
    begins: (world) =>
      world.after(5, async () => {
        const [first] = (await world.find(groupName))?.instances ?? [];
        await world.operation('SetInstanceProtection', {
          ...{ AutoScalingGroupName: groupName, InstanceIds: [first?.id], ProtectedFromScaleIn: true },
        });
      }),
  },
  cancelledByOthers: { begins: calls(45, 'CancelInstanceRefresh') },
  rolledBackByOthers: { begins: calls(45, 'RollbackInstanceRefresh') },
  overtaken: { begins: (world) => world.after(45, () => replaceRefresh(world, '3')) },
  deleted: { begins: calls(45, 'DeleteAutoScalingGroup', { ForceDelete: true }) },
  hostFails: {
    begins: (world) =>
      world.after(30, async () => {
        const [first] = (await world.find(groupName))?.instances ?? [];
        world.simulated.simulation.kill(first?.id ?? '');
      }),
  },
  noWayBack: {
    begins: all(badVersion, broken({ noCapacity: noImage }, 1)),
    inputs: { minHealthyPercentage: 50, maxHealthyPercentage: 100 },
  },
};

const sizes = (seconds: number, parameters: Record<string, unknown>) =>
  calls(seconds, 'UpdateAutoScalingGroup', parameters);

export const blueGreenCauses: Record<BlueGreenFault, Cause> = {
  throttled: {
    begins: failing(0, ['setSizes', 'setForwardWeights', 'forwardRule', 'group'], throttled, { times: 3 }),
  },
  unavailable: {
    begins: failing(0, ['setSizes', 'setForwardWeights', 'targets', 'traffic'], unavailable, { times: 3 }),
  },
  lostOrders: {
    begins: failing(0, ['setSizes', 'setForwardWeights', 'setRolloutTo'], lostAnswer, {
      times: 3,
      done: true,
    }),
  },
  lostWayBack: {
    begins: (world) => {
      worse(world);
      world.after(100, () => world.fail('setForwardWeights', lostAnswer, { done: true, times: 2 }));
    },
  },
  deniedWeights: { begins: failing(0, ['setForwardWeights'], denied, forGood) },
  deniedLaunch: { begins: failing(0, ['setSizes'], denied, forGood) },
  deniedMeanwhile: { begins: failing(100, ['setForwardWeights', 'setSizes'], denied, forGood) },
  expired: { begins: failing(100, ['group', 'forwardRule', 'setForwardWeights'], expired, forGood) },
  skewed: { begins: failing(100, ['group', 'forwardRule', 'setForwardWeights'], skewed, forGood) },
  noCapacity: { begins: broken({ noCapacity: true }) },
  quota: {
    begins(world) {
      const { driver } = world.simulated.simulation;
      driver.launch = () =>
        Promise.reject(
          new LaunchFailure(
            'You have requested more vCPU capacity than your current vCPU limit of 16 allows for the instance bucket that the specified instance type belongs to.',
          ),
        );
    },
  },
  imageDeleted: { begins: broken({ bootFailure: 'pull', bootDetails: 'docker failed: manifest unknown' }) },
  diskFull: {
    begins: broken({ bootFailure: 'pull', bootDetails: 'docker failed: no space left on device' }),
  },
  crashes: { begins: badVersion },
  neverHealthy: { begins: broken({ neverHealthy: true }) },
  hook: { begins: hangingHook(greenName) },
  alarm: { begins: alarmAfter(45) },
  worse: { begins: worse },
  scaledOut: { begins: sizes(150, { DesiredCapacity: 5 }) },
  hostFails: {
    begins: (world) =>
      world.after(100, async () => {
        const [first] = (await world.find(groupName))?.instances ?? [];
        world.simulated.simulation.kill(first?.id ?? '');
      }),
  },
  emptied: { begins: sizes(20, { AutoScalingGroupName: greenName, MinSize: 0, DesiredCapacity: 0 }) },
  emptiedWithRequests: {
    begins: sizes(150, { AutoScalingGroupName: greenName, MinSize: 0, DesiredCapacity: 0 }),
  },
  otherVersion: {
    begins: sizes(150, {
      AutoScalingGroupName: greenName,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: '3' },
    }),
  },
  weightsBack: {
    begins: (world) =>
      world.after(150, () => (world.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 })),
  },
  ruleGone: {
    begins: (world) =>
      world.after(150, () => {
        const forwardRule = world.api.forwardRule.bind(world.api);
        world.api.forwardRule = () => Promise.resolve(undefined);
        world.after(300, () => (world.api.forwardRule = forwardRule));
      }),
  },
};

function worse(world: SimulatedAws): void {
  world.demand = { rate: 100, of: (version) => ({ errors: version === 2 ? 0.03 : 0, seconds: 0.05 }) };
}
