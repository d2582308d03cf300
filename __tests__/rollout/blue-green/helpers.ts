import { expect } from '@jest/globals';
import type { Inputs } from '../../../src/inputs/table.ts';
import { abort } from '../../../src/rollout/abort.ts';
import type { RolloutApi } from '../../../src/rollout/aws/api.ts';
import type { Side } from '../../../src/rollout/blue-green/state.ts';
import { group, instance } from '../helpers/observations.ts';
import {
  greenName,
  greenTargetGroupArn,
  groupName,
  targetGroupArn,
  twoGroups,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';

/** Rolls a version out between the two groups of a world. */
export function rollOut(
  world: SimulatedAws,
  version = 2,
  inputs: Partial<Inputs> = {},
  fetch?: typeof globalThis.fetch,
) {
  const course: Partial<Inputs> = {
    ...{ trafficSteps: [10, 50, 100], stepTime: 120, keepPrevious: false },
    ...{ minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
  };
  return world.rollOut(
    version,
    { ...course, ...inputs },
    { outputs: { blueGreen: twoGroups }, ...(fetch && { fetch }) },
  );
}

/** The command abort, from another process. */
export function abortIn(world: SimulatedAws) {
  const outputs = {
    ...{ autoscalingGroupName: groupName, launchTemplateId: 'lt-1', launchTemplateVersion: 2 },
    ...{ targetGroupArns: [targetGroupArn], url: '', repositoryUrl: '', alarmNames: [], all: {} },
    blueGreen: twoGroups,
  };
  return abort(world.run({ command: 'abort' }), outputs, { api: world.api, clock: world.clock });
}

/** What a world has: the weights, and the sizes of both groups as "min ≤ desired ≤ max, instances of version n". */
export async function thereIs(world: SimulatedAws) {
  const of = async (name: string) => {
    const { minSize = -1, desired = -1, maxSize = -1, template } = (await world.api.group(name)) ?? {};
    return { sizes: [minSize, desired, maxSize], version: template?.version };
  };
  const { weights } = world.rule;
  return {
    weights: [weights[targetGroupArn], weights[greenTargetGroupArn]],
    blue: await of(groupName),
    green: await of(greenName),
  };
}

/** A side for tables. */
export function side(
  name: 'blue' | 'green',
  change: Partial<Side> & {
    desired?: number;
    sizes?: [number, number];
    mark?: [from: number, to: number];
  } = {},
): Side {
  const { desired = 0, sizes: [minSize, maxSize] = [0, 6], mark, ...rest } = change;
  const version = change.version ?? 41;
  const instances = Array.from({ length: desired }, (_, index) =>
    instance(`i-${name}${index}`, { templateVersion: version }),
  );
  return {
    ...{ name, targetGroupArn: `arn-${name}`, weight: 0, version },
    ...{ staying: desired, serving: desired, others: 0 },
    healthy: new Set(instances.map(({ id }) => id)),
    group: group({
      name,
      desired,
      minSize,
      maxSize,
      instances,
      template: { id: 'lt-1', name: 'shop', version: String(version) },
      ...(mark !== undefined && { rollout: { from: mark[0], to: mark[1] } }),
    }),
    ...rest,
  };
}

/** An API some of whose answers are others. */
export function withApi(world: SimulatedAws, change: Partial<RolloutApi>): SimulatedAws {
  Object.assign(world.api, change);
  return world;
}

/** A run that is gone when the log has said this. */
export async function goneAt(
  world: SimulatedAws,
  line: RegExp,
  version: number,
  inputs: Partial<Inputs> = {},
): Promise<void> {
  const advance = world.advance.bind(world);
  world.lines.length = 0;
  world.advance = (...parameters) => {
    if (world.lines.some((each) => line.test(each))) throw new Error('gone');
    return advance(...parameters);
  };
  await expect(rollOut(world, version, inputs)).rejects.toThrow('gone');
  world.advance = advance;
}
