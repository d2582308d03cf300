/**
 * Rollouts that are killed in any call, again and again, and taken back, gone on with or begun anew by other processes:
 * requests never go where nothing serves, and whoever is left alone comes to one version that has them all.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeployError } from '../../src/core/errors.ts';
import type { SavedRollout } from '../../src/github/saved-state.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import { settleInterrupted } from '../../src/rollout/blue-green/interrupted.ts';
import { readFleets } from '../../src/rollout/blue-green/sides.ts';
import { isUnderWay, sideToGoBackTo, type Side } from '../../src/rollout/blue-green/state.ts';
import { settleInterruptedRefresh } from '../../src/rollout/rolling/interrupted.ts';
import { rollingState } from '../../src/rollout/rolling/state.ts';
import { longEnough, runs } from '../support/property.ts';
import { Process, type Death } from './helpers/mortal.ts';
import {
  greenTargetGroupArn,
  groupName,
  healthyGroup,
  targetGroupArn,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from './helpers/simulated-aws.ts';

const instances = 3;

const death: fc.Arbitrary<Death> = fc.record({ calls: fc.nat(150), done: fc.boolean() });

/** What somebody does next, and whether it lives to see the end of it. */
const act = fc.record({
  what: fc.constantFrom('deploy', 'deploy', 'deploy next', 'promote', 'rollback', 'abort', 'post step'),
  death: fc.option(death, { nil: undefined, freq: 4 }),
  /** Seconds until the next one comes. */
  later: fc.nat(120),
});
const acts = fc.array(act, { minLength: 1, maxLength: 5 });
const ending = fc.constantFrom('deploy' as const, 'abort' as const, 'promote' as const);

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** The environment, and those who come and go. */
abstract class Story {
  readonly world: SimulatedAws;
  readonly inputs: Partial<Inputs>;
  /** The newest version that was deployed. */
  version = 2;
  /** What the last run has left for its post step. */
  saved: SavedRollout | undefined;

  constructor(world: SimulatedAws, inputs: Partial<Inputs>) {
    this.world = world;
    this.inputs = { onActiveRefresh: 'replace', ...inputs };
  }

  /** What has to be so at every moment. */
  abstract look(): void;
  /** The version that is under way; undefined where none is. */
  abstract underWay(): Promise<number | undefined>;
  /** The version that a rollback of what is under way goes to; undefined where nothing is. */
  abstract goesBackTo(): Promise<number | undefined>;
  abstract postStep(process: Process, saved: SavedRollout): Promise<unknown>;
  /** One version has everything. @returns it */
  abstract settled(by: Act['what']): Promise<number>;

  /** What somebody does; a failure that is told is one of the things that may happen. */
  async act({ what, death, later }: Act): Promise<void> {
    if (what === 'deploy next') this.version = Math.min(9, this.version + 1);
    const process = new Process(this.world, death, () => this.look());
    const outcome = await this.#do(process, what, this.inputs).catch((error: unknown) => {
      if (!(error instanceof DeployError)) throw error;
    });
    this.saved = outcome === 'killed' ? process.saved : undefined;
    this.look();
    for (let second = 0; second < later; second += 1) {
      await this.world.advance(1);
      this.look();
    }
  }

  async #do(process: Process, what: Act['what'], inputs: Partial<Inputs>): Promise<unknown> {
    switch (what) {
      case 'deploy':
      case 'deploy next':
        return process.rollOut(this.version, { ...inputs, command: 'deploy' });
      case 'promote': {
        const version = await this.underWay();
        if (version === undefined) return undefined;
        return process.rollOut(version, { ...inputs, command: 'promote' });
      }
      case 'rollback': {
        const version = await this.goesBackTo();
        if (version === undefined) return undefined;
        return process.rollOut(version, { ...inputs, command: 'rollback' });
      }
      case 'abort':
        return process.abort(inputs);
      case 'post step':
        return this.saved && this.postStep(process, this.saved);
    }
  }

  /** Somebody who is left alone, and waits for nobody. */
  async end(what: 'deploy' | 'abort' | 'promote'): Promise<void> {
    const { onInconclusive } = this.inputs;
    const inputs = {
      ...this.inputs,
      ...{ pauseAt: undefined, ...(onInconclusive && { onInconclusive: 'proceed' as const }) },
    };
    const wanted = what === 'promote' ? await this.underWay() : what === 'deploy' ? this.version : undefined;
    const alone = () => this.#do(new Process(this.world, undefined, () => this.look()), what, inputs);
    await alone().catch(async (error: unknown) => {
      // What goes back already is left to end, as the failure says.
      if (!(error instanceof DeployError) || error.reason !== 'refresh-active') throw error;
      for (let second = 0; second < 900; second += 1) await this.world.advance(1).then(() => this.look());
      await alone();
    });
    this.look();
    const version = await this.settled(what);
    if (wanted !== undefined) expect(version).toBe(wanted);
  }
}

class BlueGreenStory extends Story {
  #healthy(arn: string): number {
    const targets = this.world.simulated.simulation.targetGroups.health(arn);
    return targets.filter(({ state }) => state === 'healthy').length;
  }

  look(): void {
    const { weights } = this.world.rule;
    for (const arn of [targetGroupArn, greenTargetGroupArn]) {
      const healthy = this.#healthy(arn);
      if ((weights[arn] ?? 0) > 0 && healthy < instances)
        throw new Error(`${weights[arn]} % of the requests go to ${healthy} instances`);
    }
  }

  async underWay(): Promise<number | undefined> {
    const { state } = await readFleets(this.world.api, twoGroups);
    return isUnderWay(state) ? state.to.version : undefined;
  }

  async goesBackTo(): Promise<number | undefined> {
    const { state } = await readFleets(this.world.api, twoGroups);
    return sideToGoBackTo(state)?.version;
  }

  postStep(process: Process, rollout: SavedRollout): Promise<unknown> {
    return process.with((api, clock) =>
      settleInterrupted(api, rollout, 'rollback', {
        outputs: twoGroups,
        sleep: (seconds) => clock.sleep(seconds),
      }),
    );
  }

  async settled(by: Act['what']): Promise<number> {
    await this.world.advance(60);
    const { state, sides } = await readFleets(this.world.api, twoGroups);
    expect(['steady', 'warm']).toContain(state.kind);
    const [busy, calm] = sides[0].weight > 0 ? sides : [sides[1], sides[0]];
    expect([busy.weight, calm.weight]).toEqual([100, 0]);
    expect({ serving: busy.serving, desired: busy.group.desired, others: busy.others }).toEqual({
      ...{ serving: instances, desired: instances, others: 0 },
    });
    // A promotion that finds nothing touches nothing.
    if (by !== 'promote')
      expect({ min: busy.group.minSize, max: busy.group.maxSize }).toEqual(twoGroups.capacity);
    expect(sizesOf(calm)).toEqual(state.kind === 'warm' ? [3, 3, 3] : [0, 0]);
    return busy.version ?? 0;
  }
}

const sizesOf = ({ group: { minSize, desired, maxSize } }: Side): number[] =>
  desired === 0 ? [minSize, desired] : [minSize, desired, maxSize];

class RollingStory extends Story {
  look(): void {
    const targets = this.world.simulated.simulation.targetGroups.health(targetGroupArn);
    const healthy = targets.filter(({ state }) => state === 'healthy').length;
    if (healthy < instances) throw new Error(`only ${healthy} serve`);
  }

  async #state() {
    const [group, refreshes] = await Promise.all([
      this.world.api.group(groupName),
      this.world.api.refreshes(groupName),
    ]);
    if (group === undefined) throw new Error('the group is gone');
    return { group, state: rollingState(group, refreshes) };
  }

  /** Whoever promotes waits for what is on its way back. */
  async underWay(): Promise<number | undefined> {
    for (let second = 0; second < 900; second += 5) {
      const { state } = await this.#state();
      if (state.kind === 'steady') return undefined;
      const isForth =
        state.kind !== 'moving' || ['Pending', 'InProgress', 'Baking'].includes(state.refresh.status);
      if (isForth) return state.version !== state.previous ? state.version : undefined;
      await this.world.advance(5);
    }
    throw new Error('a refresh goes back without an end');
  }

  /** Of one group, a way back that is killed may leave what the preflight asks a person about. */
  goesBackTo(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  postStep(process: Process, rollout: SavedRollout): Promise<unknown> {
    return process.with((api) => settleInterruptedRefresh(api, rollout, 'rollback'));
  }

  async settled(): Promise<number> {
    await this.world.advance(60);
    // A rollback that a post step has ordered goes on at AWS.
    for (let second = 0; second < 900 && (await this.#state()).state.kind === 'moving'; second += 5)
      await this.world.advance(5);
    const { group, state } = await this.#state();
    expect(state.kind).toBe('steady');
    const versions = new Set(group.instances.map(({ templateVersion }) => templateVersion));
    expect([...versions]).toEqual([Number(group.template?.version)]);
    expect(group.instances).toHaveLength(instances);
    return Number(group.template?.version);
  }
}

describe('whatever becomes of those who roll out', () => {
  it(
    'between two groups, one version that serves has all requests in the end',
    async () => {
      const course = fc.record({
        trafficSteps: fc.constantFrom<number[][]>([100], [10, 100], [10, 50, 100]),
        stepTime: fc.constantFrom(0, 60),
        bakeTime: fc.constantFrom(0, 30),
        keepPrevious: fc.boolean(),
        pauseAt: fc.constantFrom(undefined, 10, 50),
        onInconclusive: fc.constantFrom('proceed' as const, 'roll-back' as const),
      });
      await fc.assert(
        fc.asyncProperty(course, acts, ending, async (inputs, all, last) => {
          const world = await twoGroupWorld({ instances, maxSize: 6 });
          const sizes = { AutoScalingGroupName: groupName, MinSize: 1, MaxSize: 6 };
          await world.operation('UpdateAutoScalingGroup', sizes);
          const story = new BlueGreenStory(world, {
            ...{ minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
            ...{ ...inputs, strategy: 'blue-green' },
          });
          for (const each of all) await story.act(each);
          await story.end(last);
        }),
        runs(150),
      );
    },
    longEnough,
  );

  it(
    'in one group, one version runs in the end, and never fewer than there were serve',
    async () => {
      const course = fc.record({
        pauseAt: fc.constantFrom(undefined, 20, 50),
        bakeTime: fc.constantFrom(0, 30),
        skipMatching: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(course, acts, ending, async (inputs, all, last) => {
          const story = new RollingStory(await healthyGroup({ instances, maxSize: 6 }), inputs);
          for (const each of all) await story.act(each);
          await story.end(last);
        }),
        runs(150),
      );
    },
    longEnough,
  );
});
