import type { BlueGreenOutputs, TrafficRecord } from '../../core/index.ts';
import { bestEffort } from '../context/index.ts';
import type { RolloutProgress } from '../model/index.ts';
import type { AdvanceEnd, MonitorRequest, Seen } from '../monitor/index.ts';
import { desiredConfiguration } from '../plan/index.ts';
import type { RolloutSmokeTest } from '../smoke-test/index.ts';
import type { ActiveRollout } from '../strategy/index.ts';
import { nextStep, type CourseRules, type Memory, type Step } from './course.ts';
import { StepJudge } from './judged-step.ts';
import { markRollout } from './mark.ts';
import { preview } from './preview.ts';
import { order } from './settle.ts';
import { readFleets, seeFleets, sideIn, type Fleets } from './sides.ts';
import { weightsOf, type Side } from './state.ts';
import { nothingSeen, seenOf, takenBack } from './taken-back.ts';

/** How two groups behind one rule stand, in the terms of every strategy. */
export interface BlueGreenProgress extends RolloutProgress {
  from: Side;
  to: Side;
}

/** Seconds between two looks at most: this run alone takes the next step. */
const shortPause = 5;

interface Tools {
  outputs: BlueGreenOutputs;
  rules: CourseRules;
  smokeTest: RolloutSmokeTest | undefined;
  /** From when on activities are this rollout's. */
  since: Date;
  /** Names of the side that is left and of the one that is filled. */
  from: string;
  to: string;
}

/**
 * Takes a rollout through its course: each look reads what is there, and takes the one step that follows from it. Where an
 * answer is lost, the next look says what became of it.
 */
export class Drive {
  readonly #active: ActiveRollout;
  readonly #tools: Tools;
  readonly #record: TrafficRecord;
  readonly #judge: StepJudge;
  #memory: Memory = { previewed: false, judged: undefined, baked: 0 };
  /** Clock seconds at which this run has seen all requests go to the new side. */
  #wholeSince: number | undefined;
  /** What others may take back; only what was read counts. */
  #seen = nothingSeen;
  readonly #begun: number;

  constructor(active: ActiveRollout, record: TrafficRecord, tools: Tools) {
    this.#active = active;
    this.#tools = tools;
    this.#record = record;
    this.#judge = new StepJudge(active, record);
    this.#begun = active.context.clock.now();
  }

  /** What the monitor asks, and how it goes on. */
  request(): Pick<MonitorRequest<BlueGreenProgress>, 'what' | 'read' | 'advance' | 'longestPause'> {
    return {
      what: 'see both groups and their weights',
      read: () => this.#read(),
      advance: (seen, say) => this.#advance(seen, say),
      longestPause: () => shortPause,
    };
  }

  async #read(): Promise<BlueGreenProgress> {
    const fleets = await seeFleets(this.#active.context, this.#tools.outputs);
    const progress = this.#progressOf(fleets);
    const { to } = progress;
    const { version } = this.#tools.rules;
    const statusReason = takenBack(this.#seen, to, version);
    this.#seen = seenOf(this.#seen, to, version);
    // Before anything is judged: what somebody else takes away is no fault of the version.
    return statusReason === undefined ? progress : { ...progress, stage: 'over', statusReason };
  }

  #progressOf(fleets: Fleets): BlueGreenProgress {
    const [from, to] = [sideIn(fleets, this.#tools.from), sideIn(fleets, this.#tools.to)];
    const { clock } = this.#active.context;
    const whole = to.weight >= 100;
    if (!whole) this.#wholeSince = undefined;
    else this.#wholeSince ??= clock.now();
    this.#memory.baked = this.#wholeSince === undefined ? 0 : clock.now() - this.#wholeSince;
    const minutes = Math.floor((clock.now() - this.#begun) / 60);
    return {
      from,
      to,
      stage: whole ? 'baking' : to.weight > 0 ? 'shifting' : 'launching',
      succeeded: false,
      rollingBack: false,
      words: wordsOf(from, to, this.#judge.words),
      percentageComplete: percentageOf(from, to),
      statusReason: '',
      startTime: this.#tools.since,
      // Time that a step takes is no standstill.
      fingerprint: [
        ...[from, to].flatMap((side) => [side.weight, side.group.desired, side.staying, side.serving]),
        to.weight > 0 ? minutes : '',
      ].join('|'),
    };
  }

  async #advance(
    { progress }: Seen<BlueGreenProgress>,
    say: (line: string) => void,
  ): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    const step = nextStep(progress, this.#tools.rules, this.#memory);
    switch (step.kind) {
      case 'emptying':
      case 'coming-up':
        return undefined;
      case 'bake':
        return this.#bake(say);
      case 'done':
        return { kind: 'ended', progress: { ...progress, stage: 'over', succeeded: true } };
      case 'pause':
        return { kind: 'paused' };
      case 'preview':
        return this.#preview(progress);
      case 'judge':
        return this.#judged(progress, say);
      case 'empty':
      case 'pin':
      case 'launch':
        return this.#size(step, progress);
      case 'shift':
        return this.#shift(step.weight, progress, say);
    }
  }

  async #size(
    step: Extract<Step, { kind: 'empty' | 'pin' | 'launch' }>,
    { from, to }: BlueGreenProgress,
  ): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    const { context } = this.#active;
    const { api, run, target } = context;
    switch (step.kind) {
      case 'empty':
        run.log.line(`emptying ${to.name} first: it still has ${to.staying} instances of another version`);
        return this.#order(`empty ${to.name}`, () => api.setSizes(to.name, { minSize: 0, desired: 0 }));
      case 'pin':
        run.log.line(`pinning ${from.name} at its ${from.group.desired} instances`);
        return this.#order(`pin ${from.name}`, () =>
          api.setSizes(from.name, { minSize: from.group.desired }),
        );
      case 'launch': {
        const { size } = step;
        const maxSize = Math.max(this.#tools.outputs.capacity.max, size);
        const configuration = desiredConfiguration(to.group, target, target.version);
        // What is up with the version already, and only grows, was tagged when it was launched, or is no news.
        if (to.group.desired === 0 || to.version !== target.version) await markRollout(context, { from, to });
        run.log.line(`launching ${size} instances of version ${target.version} in ${to.name}`);
        return this.#order(`launch in ${to.name}`, () =>
          api.setSizes(to.name, { configuration, minSize: size, desired: size, maxSize }),
        );
      }
    }
  }

  /** An order that AWS refuses for good ends the rollout; what became of any other, the next look says. */
  async #order(what: string, call: () => Promise<void>): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    const said = await order(this.#active.context, what, call);
    return said === undefined ? undefined : { kind: 'condemned', cause: { kind: 'refused', what, said } };
  }

  async #shift(
    weight: number,
    { from, to }: BlueGreenProgress,
    say: (line: string) => void,
  ): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    const { context, begunAt } = this.#active;
    const { outputs } = this.#tools;
    await this.#judge.begin(weight, from.targetGroupArn, to.targetGroupArn);
    if (!(await this.#isStillSo(to))) return undefined;
    const end = await this.#order('change the weights', () =>
      context.api.setForwardWeights(outputs.listenerRuleArn, weightsOf(from, to, weight)),
    );
    if (end !== undefined) return end;
    const rule = await bestEffort(context, 'read the weights back', () =>
      context.api.forwardRule(outputs.listenerRuleArn),
    );
    if (rule?.weights[to.targetGroupArn] !== weight) return undefined;
    this.#record.shifts.push({ seconds: Math.round(context.clock.now() - begunAt), weight });
    say(
      `        weights: ${weight} % to ${to.name} (version ${context.target.version}), ${100 - weight} % to ${from.name}`,
    );
    return undefined;
  }

  /** Whether nobody has moved the side since it was looked at; the next look says what became of it. */
  async #isStillSo({ name, weight, group }: Side): Promise<boolean> {
    const { context } = this.#active;
    const fleets = await bestEffort(context, 'see both groups and their weights', () =>
      readFleets(context.api, this.#tools.outputs),
    );
    const now = fleets && sideIn(fleets, name);
    return now?.weight === weight && now.group.desired === group.desired;
  }

  async #judged(
    { from, to }: BlueGreenProgress,
    say: (line: string) => void,
  ): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    await this.#judge.begin(to.weight, from.targetGroupArn, to.targetGroupArn);
    const verdict = await this.#judge.look(say);
    if (verdict === undefined) return undefined;
    if (verdict.kind === 'condemned') return verdict;
    this.#memory = { ...this.#memory, judged: to.weight };
    return undefined;
  }

  async #bake(say: (line: string) => void): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    const verdict = this.#tools.rules.gradually ? await this.#judge.lookOn(say) : undefined;
    return verdict?.kind === 'condemned' ? verdict : undefined;
  }

  async #preview({ to }: BlueGreenProgress): Promise<AdvanceEnd<BlueGreenProgress> | undefined> {
    const cause = await preview(this.#active.context, this.#tools.outputs, {
      smokeTest: this.#tools.smokeTest,
      to,
    });
    this.#memory = { ...this.#memory, previewed: true };
    return cause && { kind: 'condemned', cause };
  }
}

function wordsOf(from: Side, to: Side, judged: string): string {
  if (to.weight >= 100) return `all requests, and ${from.name} is kept`;
  return to.weight > 0 ? `${to.weight} % of the requests${judged}` : '';
}

/** A fifth is the launch, the rest the requests. */
function percentageOf(from: Side, to: Side): number {
  const wanted = Math.max(1, from.group.desired, to.group.desired);
  const launched = 20 * Math.min(1, to.serving / wanted);
  return Math.floor(to.weight > 0 ? 20 + 0.75 * to.weight : launched);
}
