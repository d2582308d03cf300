import { describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../src/inputs/table.ts';
import { settleInterrupted } from '../../../src/rollout/blue-green/interrupted.ts';
import { failureOf } from '../helpers/acts.ts';
import { Process } from '../helpers/mortal.ts';
import {
  greenTargetGroupArn,
  groupName,
  targetGroupArn,
  templateId,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';
import { abortIn, goneAt, rollOut, thereIs } from './helpers.ts';

/** Runs onto what is under way or kept already, and what becomes of it where they come to no good end. */

const instances = 3;
/** Every call where time does not count, as for properties. */
const stride = process.env.PROPERTY_RUNS === undefined ? 3 : 1;
type Begin = (world: SimulatedAws) => Promise<unknown>;
const underWay = {
  launching: (world) => goneAt(world, /launching 3 instances/, 2),
  shifting: (world) => rollOut(world, 2, { pauseAt: 10 }),
  baking: (world) => goneAt(world, /weights: 100 % to/, 2, { trafficSteps: [100], bakeTime: 300 }),
  kept: (world) => rollOut(world, 2, { trafficSteps: [100], keepPrevious: true }),
} satisfies Record<string, Begin>;
const course: Partial<Inputs> = {
  ...{ strategy: 'blue-green', keepPrevious: false, trafficSteps: [10, 100], stepTime: 0, bakeTime: 20 },
  ...{ minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
};
/** The weights, and how many instances are wanted, of blue and green. */
const onBlue = { weights: [100, 0], desired: [3, 0] };
const onGreen = { weights: [0, 100], desired: [0, 3] };
const onGreenAndKept = { weights: [0, 100], desired: [3, 3] };

async function fleetsOf(world: SimulatedAws) {
  const { weights, blue, green } = await thereIs(world);
  return { weights, desired: [blue.sizes[1], green.sizes[1]] };
}

interface Run {
  title: string;
  begin: Begin;
  brings: 1 | 2;
  command: 'deploy' | 'promote' | 'rollback';
  /** What there is in the end. */
  leaves: Partial<typeof onBlue>;
}
const runs: Run[] = [
  {
    title: 'a rollback of what launches',
    begin: underWay.launching,
    brings: 1,
    command: 'rollback',
    leaves: onBlue,
  },
  { title: 'a rollback at 10 %', begin: underWay.shifting, brings: 1, command: 'rollback', leaves: onBlue },
  {
    title: 'a rollback in the bake time',
    begin: underWay.baking,
    brings: 1,
    command: 'rollback',
    leaves: onBlue,
  },
  { title: 'a promotion', begin: underWay.shifting, brings: 2, command: 'promote', leaves: onBlue },
  {
    ...{ title: 'a rollback to what is kept', begin: underWay.kept, brings: 1, command: 'rollback' },
    leaves: onGreenAndKept,
  },
  {
    ...{
      title: 'a deployment that no longer keeps what is kept',
      begin: underWay.kept,
      brings: 2,
      command: 'deploy',
    },
    // It has nothing to move: whether what was kept goes, now or later, is nobody's loss.
    leaves: { weights: [0, 100] },
  },
];

async function worldWith(begin: (world: SimulatedAws) => Promise<unknown>): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  await begin(world);
  return world;
}

/** Requests never go where fewer serve than have to. */
const watch = (world: SimulatedAws) => () => {
  for (const arn of [targetGroupArn, greenTargetGroupArn]) {
    const targets = world.simulated.simulation.targetGroups.health(arn);
    const healthy = targets.filter(({ state }) => state === 'healthy').length;
    if ((world.rule.weights[arn] ?? 0) > 0 && healthy < instances)
      throw new Error(`${world.rule.weights[arn]} % of the requests go to ${healthy} instances`);
  }
};

type Ending = 'killed before' | 'killed after' | 'cancelled at';

/** Ends a run at one of its calls. @returns what its post step is left, and whether it came to its own end */
async function endedAt(
  world: SimulatedAws,
  ending: Ending,
  { calls, brings, command }: Pick<Run, 'brings' | 'command'> & { calls: number },
) {
  if (ending === 'cancelled at') {
    let left = calls;
    const { api } = world;
    const entries = Object.entries(api) as [string, (...given: unknown[]) => unknown][];
    const cancelling = entries.map(([name, call]) => [
      name,
      (...given: unknown[]) => {
        if (left-- === 0) world.controller.abort(new Error('the job was cancelled'));
        return call(...given);
      },
    ]);
    Object.assign(api, Object.fromEntries(cancelling));
  }
  const death = ending === 'cancelled at' ? undefined : { calls, done: ending === 'killed after' };
  const run = new Process(world, death, watch(world));
  const outcome = await run.rollOut(brings, { ...course, command }).catch(() => 'cancelled' as const);
  return { saved: run.saved, isOver: typeof outcome === 'object' };
}

describe.each(runs)('$title', ({ begin, brings, command, leaves }) => {
  it.each<Ending>(['killed before', 'killed after', 'cancelled at'])(
    '%s any of its calls leaves the version that was there before all requests',
    async (ending) => {
      for (let calls = 0; ; calls += stride) {
        const world = await worldWith(begin);
        const there = await fleetsOf(world);
        const { saved, isOver } = await endedAt(world, ending, { calls, brings, command });
        if (isOver) {
          expect(calls).toBeGreaterThan(10);
          return;
        }
        const ended = await fleetsOf(world);
        // What is emptied already can't have the requests any more: the run is as good as over.
        const isConcluding = ended.desired[brings === 2 ? 0 : 1] === 0;
        if (saved !== undefined)
          await settleInterrupted(world.api, saved, 'rollback', {
            outputs: twoGroups,
            sleep: (seconds) => world.advance(seconds),
          });
        await world.advance(60);
        watch(world)();
        const expected = saved === undefined ? there : isConcluding ? ended : leaves;
        expect({ calls, ...(await fleetsOf(world)) }).toMatchObject({ calls, ...expected });
      }
    },
  );
});

const smokeTest = { path: '/', statuses: [[200, 299]], body: undefined, attempts: 1 } as Inputs['smokeTest'];
const failing = (() => Promise.resolve(new Response('', { status: 500 }))) as typeof fetch;
const rollback: Partial<Inputs> = { ...course, command: 'rollback' };

/** A rollback to a version that does not answer. */
async function rollBackInVain(world: SimulatedAws) {
  const failure = await failureOf(rollOut(world, 1, { ...rollback, smokeTest }, failing));
  expect(failure.reason).toBe('smoke-test');
  return { failure, there: await fleetsOf(world) };
}

describe('a rollback that fails', () => {
  it('of a version that was never proven gives that no requests', async () => {
    const { failure, there } = await rollBackInVain(await worldWith(underWay.shifting));
    expect(there).toEqual({ weights: [100, 0], desired: [3, 3] });
    expect(failure.left).toMatch(/^this was the way back from a version that was never proven, so both/);
  });

  it('of a version that had all requests gives them back', async () => {
    const { failure, there } = await rollBackInVain(await worldWith(underWay.baking));
    expect(there).toEqual(onGreen);
    expect(failure.left).toMatch(/^rolled back: /);
  });

  it.each([
    ['abort', (world: SimulatedAws) => abortIn(world)],
    ['the rollback', (world: SimulatedAws) => rollOut(world, 1, rollback)],
    ['another', (world: SimulatedAws) => rollOut(world, 3, { ...course, onActiveRefresh: 'replace' })],
  ] as const)('does not turn round for %s what was there before and had grown', async (what, act) => {
    const world = await worldWith(underWay.shifting);
    await world.operation('UpdateAutoScalingGroup', {
      AutoScalingGroupName: groupName,
      DesiredCapacity: 4,
    });
    await world.advance(120);
    await rollBackInVain(world);
    // That the newer version comes before the older one is emptied would be the harm.
    world.fail('setForwardWeights', () => new Error('requests go where they must not'), {
      times: what === 'another' ? 0 : 99,
    });
    await act(world);
    const { weights, desired } = await fleetsOf(world);
    expect(weights).toEqual(what === 'another' ? [0, 100] : [100, 0]);
    expect(desired).toEqual(what === 'another' ? [0, 4] : [4, 0]);
  });
});

describe('the post step of a rollback', () => {
  const postStep = (world: SimulatedAws, leaves: number) => {
    const saved = { group: groupName, templateId, started: 0, version: 1, keeps: groupName, leaves };
    const sleep = (seconds: number) => world.advance(seconds);
    const rollout = { ...saved, blueGreen: twoGroups };
    return settleInterrupted(world.api, rollout, 'rollback', { outputs: twoGroups, sleep });
  };

  it('leaves a rollout alone that somebody has begun since', async () => {
    const world = await worldWith(underWay.shifting);
    const there = await fleetsOf(world);
    expect((await postStep(world, 7)).level).toBe('info');
    expect(await fleetsOf(world)).toEqual(there);
  });

  it('does not empty the only fleet that serves', async () => {
    const world = await worldWith(underWay.shifting);
    world.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 };
    await world.operation('UpdateAutoScalingGroup', {
      ...{ AutoScalingGroupName: groupName, MinSize: 0, DesiredCapacity: 0 },
    });
    const { text } = await postStep(world, 2);
    expect(text).toMatch(/shop-prod-green stays up, for shop-prod does not serve/);
    expect((await fleetsOf(world)).desired).toEqual([0, 3]);
  });
});

it('a job that is cancelled in its last smoke test says what becomes of both fleets', async () => {
  const world = await worldWith(() => Promise.resolve());
  const asking = (() => {
    if (world.rule.weights[greenTargetGroupArn] === 100) world.controller.abort(new Error('cancelled'));
    return Promise.resolve(new Response('', { status: 200 }));
  }) as typeof fetch;
  const failure = await failureOf(rollOut(world, 2, { trafficSteps: [100], smokeTest }, asking));
  expect(failure).toMatchObject({ reason: 'cancelled', rollout: { status: 'cancelled' } });
  expect(failure.left).toMatch(
    /^all requests go to version 1 in shop-prod again; shop-prod-green is emptied by the post step/,
  );
  expect((await fleetsOf(world)).weights).toEqual([100, 0]);
});
