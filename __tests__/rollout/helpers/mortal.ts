import type { Clock } from '../../../src/core/clock.ts';
import type { TerraformOutputs } from '../../../src/core/types.ts';
import type { SavedRollout } from '../../../src/github/saved-state.ts';
import type { Inputs } from '../../../src/inputs/table.ts';
import { abort } from '../../../src/rollout/abort.ts';
import type { RolloutApi } from '../../../src/rollout/aws/api.ts';
import { rollOut } from '../../../src/rollout/roll-out.ts';
import { groupName, targetGroupArn, templateId, twoGroups, type SimulatedAws } from './simulated-aws.ts';

/** When a process is killed: in the middle of a call, which AWS has carried out or not. */
export interface Death {
  /** Calls that it lives for. */
  calls: number;
  done: boolean;
}

const never = new Promise<never>(() => undefined);

/** A process that talks to a world until it is killed; from then on nothing that it waits for comes. */
export class Process {
  readonly #world: SimulatedAws;
  readonly #look: () => void;
  readonly #death: Death | undefined;
  #calls = 0;
  #isDead = false;
  #kill: (outcome: 'killed') => void = () => undefined;
  /** What it has left for its post step. */
  saved: SavedRollout | undefined;

  /** @param look called whenever time has passed */
  constructor(world: SimulatedAws, death: Death | undefined, look: () => void) {
    this.#world = world;
    this.#death = death;
    this.#look = look;
  }

  #dependencies(): { api: RolloutApi; clock: Clock; runStartedAt: Date; applied: boolean } {
    const { clock, api } = this.#world;
    const entries = Object.entries(api) as [string, (...parameters: unknown[]) => unknown][];
    return {
      api: Object.fromEntries(
        entries.map(([name, call]) => [name, (...given: unknown[]) => this.#call(() => call(...given))]),
      ) as unknown as RolloutApi,
      clock: {
        now: () => clock.now(),
        sleep: async (seconds, signal) => {
          if (this.#isDead) return never;
          for (let left = seconds; left > 0; left -= 1) {
            await clock.sleep(Math.min(1, left), signal);
            this.#look();
          }
          return this.#isDead ? never : undefined;
        },
      },
      runStartedAt: new Date(this.#world.simulated.clock.now()),
      applied: true,
    };
  }

  async #call(call: () => unknown): Promise<unknown> {
    if (this.#isDead) return never;
    if (this.#calls++ !== this.#death?.calls) return call();
    this.#isDead = true;
    if (this.#death.done) await Promise.resolve(call()).catch(() => undefined);
    this.#kill('killed');
    return never;
  }

  /** Does something; 'killed' where that came first. */
  #live<T>(act: () => Promise<T>): Promise<T | 'killed'> {
    const killed = new Promise<'killed'>((resolve) => (this.#kill = resolve));
    return Promise.race([killed, act()]);
  }

  rollOut(version: number, inputs: Partial<Inputs>) {
    const outputs = outputsOf(version, inputs);
    const onBegin = (keeps: string | undefined, leaves: number | undefined) => {
      const rollout = { group: groupName, templateId, version, started: 0, keeps, leaves };
      this.saved = { ...rollout, ...(outputs.blueGreen && { blueGreen: outputs.blueGreen }) };
    };
    return this.#live(() =>
      rollOut(this.#world.run(inputs), outputs, undefined, { ...this.#dependencies(), onBegin }),
    );
  }

  abort(inputs: Partial<Inputs>) {
    const outputs = outputsOf(1, inputs);
    return this.#live(() =>
      abort(this.#world.run({ ...inputs, command: 'abort' }), outputs, this.#dependencies()),
    );
  }

  /** What is left to a post step. */
  with<T>(act: (api: RolloutApi, clock: Clock) => Promise<T>): Promise<T | 'killed'> {
    const { api, clock } = this.#dependencies();
    return this.#live(() => act(api, clock));
  }
}

function outputsOf(version: number, { strategy }: Partial<Inputs>): TerraformOutputs {
  return {
    ...{ autoscalingGroupName: groupName, launchTemplateId: templateId, launchTemplateVersion: version },
    ...{ targetGroupArns: [targetGroupArn], url: 'http://shop.example', repositoryUrl: '', alarmNames: [] },
    all: {},
    ...(strategy === 'blue-green' && { blueGreen: twoGroups }),
  };
}
