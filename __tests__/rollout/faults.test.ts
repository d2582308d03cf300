import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import {
  blueGreenFaults,
  patternOf,
  rollingFaults,
  type BlueGreenFault,
  type FaultRow,
  type Left,
  type RollingFault,
} from '../support/faults.ts';
import { blueGreenCauses, rollingCauses, type Cause } from './helpers/fault-causes.ts';
import {
  greenTargetGroupArn,
  groupName,
  healthyGroup,
  targetGroupArn,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from './helpers/simulated-aws.ts';

/** Every fault of docs/faults.md that a rollout can meet, on a clock that moves only when the rollout sleeps. */

const instances = 3;

/** What a person reads of it, and how it is called. */
async function ended(
  world: SimulatedAws,
  rollout: Promise<unknown>,
): Promise<{ reason: string; text: string }> {
  const error = await rollout.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  if (error !== undefined && !(error instanceof DeployError)) throw error;
  const text = [...world.lines, ...world.warnings, error?.message, error?.left].join('\n');
  return { reason: error?.reason ?? '', text };
}

const weightsOf = ({ rule }: SimulatedAws) => [
  rule.weights[targetGroupArn],
  rule.weights[greenTargetGroupArn],
];

async function expectReads(world: SimulatedAws, row: FaultRow, rollout: Promise<unknown>): Promise<void> {
  const { reason, text } = await ended(world, rollout);
  expect({ reason, text }).toEqual({ reason: row.reason, text: expect.stringMatching(patternOf(row)) });
  world.calm();
}

/** Versions of the instances, and the version that the group launches. */
async function group(world: SimulatedAws): Promise<[Record<string, number>, string | undefined]> {
  return [await world.versions(), (await world.find(groupName))?.template?.version];
}

/** Later, without anybody's doing. */
async function later(world: SimulatedAws) {
  await world.advance(1200);
  return group(world);
}

const ofRolling: Partial<Record<Left, (world: SimulatedAws) => Promise<void>>> = {
  async untouched(world) {
    expect(await group(world)).toEqual([{ 1: instances }, '1']);
    expect(await world.api.refreshes(groupName)).toEqual([]);
  },
  async back(world) {
    expect(await group(world)).toEqual([{ 1: instances }, '1']);
  },
  async through(world) {
    const [versions, saved] = await group(world);
    expect([Object.keys(versions), saved]).toEqual([['2'], '2']);
  },
  async unwatched(world) {
    const [latest] = await world.api.refreshes(groupName);
    await world.advance(4000);
    const [now] = await world.api.refreshes(groupName);
    expect(now?.id).toBe(latest?.id);
    const [versions, saved] = await group(world);
    expect(versions).toEqual({ [saved ?? '']: instances });
  },
  async others(world) {
    expect(await later(world)).toEqual([{ 3: instances }, '3']);
  },
  async mixed(world) {
    expect(await group(world)).toEqual([{ 1: 1, 2: 2 }, '2']);
  },
  async empty(world) {
    expect(await group(world)).toEqual([{}, '2']);
  },
  async gone(world) {
    expect(await world.find(groupName)).toBeUndefined();
  },
  async 'both fail'(world) {
    const [versions, saved] = await group(world);
    expect([Object.keys(versions), saved]).toEqual([['1'], '1']);
    world.simulated.clearFaults();
    expect(await later(world)).toEqual([{ 1: instances }, '1']);
  },
};

const ofBlueGreen: Partial<Record<Left, (world: SimulatedAws) => Promise<void>>> = {
  async back(world) {
    expect(await world.versions()).toEqual({ 1: instances });
    expect(weightsOf(world)).toEqual([100, 0]);
  },
  async through(world) {
    expect(Object.keys(await world.versions())).toEqual(['2']);
    expect(weightsOf(world)).toEqual([0, 100]);
  },
  async stays(world) {
    const before = [await world.versions(), weightsOf(world)];
    expect((await world.versions())[1]).toBe(instances);
    await world.advance(600);
    expect([await world.versions(), weightsOf(world)]).toEqual(before);
  },
  async others(world) {
    const before = weightsOf(world);
    await world.advance(600);
    expect(weightsOf(world)).toEqual(before);
    expect((await world.versions())[1]).toBe(instances);
  },
};

const rows = <Key extends string>(
  table: Record<Key, FaultRow>,
  causes: Record<Key, Cause>,
): [string, FaultRow, Cause][] =>
  (Object.keys(table) as Key[]).map((key) => [table[key].fault, table[key], causes[key]]);

describe('a rolling rollout', () => {
  it.each(rows<RollingFault>(rollingFaults, rollingCauses))('%s', async (_, row, { begins, inputs }) => {
    const world = await healthyGroup({ instances, maxSize: 9 });
    world.alarms.set('errors', 'OK');
    await begins(world);
    const outputs = { alarmNames: ['errors'] };
    await expectReads(world, row, world.rollOut(2, { maxHealthyPercentage: 134, ...inputs }, { outputs }));
    expect(ofRolling).toHaveProperty([row.left]);
    await ofRolling[row.left]?.(world);
  });
});

describe('a blue/green rollout', () => {
  const course: Partial<Inputs> = {
    ...{ trafficSteps: [10, 50, 100], stepTime: 120, keepPrevious: false },
    ...{ minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
  };
  it.each(rows<BlueGreenFault>(blueGreenFaults, blueGreenCauses))(
    '%s',
    async (_, row, { begins, inputs }) => {
      const world = await twoGroupWorld({ instances });
      world.alarms.set('errors', 'OK');
      world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
      await begins(world);
      const outputs = { alarmNames: ['errors'], blueGreen: twoGroups };
      const rollOut = () => world.rollOut(2, { ...course, ...inputs }, { outputs });
      await expectReads(world, row, rollOut());
      expect(ofBlueGreen).toHaveProperty([row.left]);
      await ofBlueGreen[row.left]?.(world);
      if (row.left === 'stays') expect(await rollOut()).toMatchObject({ status: 'successful' });
    },
  );
});
