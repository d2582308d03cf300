import { blueGreenDefaults } from '../../inputs/index.ts';
import { bestEffort } from '../context/index.ts';
import { judge, type JudgedWindow, type Judgement } from '../judgement/index.ts';
import type { TrafficMinute } from '../model/index.ts';
import type { Cause } from '../verdict/index.ts';
import type { TrafficRecord } from '../../core/index.ts';
import type { ActiveRollout } from '../strategy/index.ts';
import {
  fairSplits,
  lastBefore,
  metricDelay,
  notFollowing,
  recordOf,
  splitsSince,
  windowOf,
  type Split,
} from './traffic.ts';

/**
 * Seconds for which an answer of CloudWatch is as good as a new one, at most: it has a new minute each minute. Who judges
 * a short step wants to know sooner.
 */
const askAgainAfter = 20;
/** Seconds before now from which minutes are read where AWS's own clock says nothing. */
const lookBack = 3600;

interface OpenStep {
  weight: number;
  from: string;
  to: string;
  /** Clock seconds at which it was begun. */
  begunAt: number;
  /** The last minute that is not the step's. */
  after: Date | undefined;
}

export type StepVerdict = { kind: 'passed' } | { kind: 'condemned'; cause: Cause };

/** Judges the new version at one weight after the other, from what the load balancer measured of both. */
export class StepJudge {
  readonly #active: ActiveRollout;
  readonly #record: TrafficRecord;
  /** All fair minutes of the steps before. */
  readonly #windows: JudgedWindow[] = [];
  #step: OpenStep | undefined;
  #current: Split[] = [];
  #since: Date | undefined;
  #said = '';
  /** What was read last, and the clock seconds at which. */
  #read: { at: number; minutes: TrafficMinute[] | undefined } | undefined;

  constructor(active: ActiveRollout, record: TrafficRecord) {
    this.#active = active;
    this.#record = record;
  }

  /** How far the step is judged: ", judged for 1 of 5 min"; '' before its first minute. */
  get words(): string {
    const { stepTime = blueGreenDefaults.stepTime } = this.#active.context.run.inputs;
    const judged = fairSplits(this.#current).length;
    return judged === 0 ? '' : `, judged for ${judged} of ${Math.max(judged, Math.ceil(stepTime / 60))} min`;
  }

  /** A weight is being set, or was found: from here on its minutes count. */
  async begin(weight: number, from: string, to: string): Promise<void> {
    if (this.#step?.weight === weight) return;
    this.#windows.push(...fairSplits(this.#current).map(windowOf));
    this.#current = [];
    this.#said = '';
    this.#read = undefined;
    const newest = (await this.#minutes(from, to))?.at(-1)?.start;
    const { clock } = this.#active.context;
    const after = lastBefore(newest, new Date());
    this.#step = { weight, from, to, begunAt: clock.now(), after };
  }

  /** @returns undefined while it has to be looked at longer */
  async look(say: (line: string) => void): Promise<StepVerdict | undefined> {
    const { context } = this.#active;
    const { stepTime = blueGreenDefaults.stepTime, onInconclusive = blueGreenDefaults.onInconclusive } =
      context.run.inputs;
    const step = this.#step;
    if (step === undefined || stepTime === 0) return { kind: 'passed' };
    const { fair, judgement } = await this.#judged(step);
    if (judgement.verdict === 'bad') return this.#condemn(judgement, say);
    const waited = context.clock.now() - step.begunAt;
    const isOver = fair.length * 60 >= stepTime || waited >= stepTime + metricDelay;
    if (!isOver || judgement.verdict === 'suspicious') return undefined;
    if (judgement.verdict === 'good') return this.#pass(judgement, judgement.because, say);
    const because = fair.length === 0 ? notFollowing(this.#current, step.weight, waited) : judgement.because;
    if (onInconclusive === 'proceed') return this.#pass(judgement, because, say);
    if (onInconclusive === 'roll-back') return this.#condemn({ ...judgement, because }, say);
    this.#sayOnce(
      say,
      `inconclusive at ${step.weight} %: ${because}; waiting for more, as on-inconclusive says`,
    );
    return undefined;
  }

  /** While the old fleet is kept: only what is bad counts. */
  async lookOn(say: (line: string) => void): Promise<StepVerdict | undefined> {
    const step = this.#step;
    if (this.#active.context.run.inputs.stepTime === 0) return undefined;
    if (step === undefined) {
      // Whose minutes were shared out how, when another run moved the weights, nobody knows any more.
      this.#sayOnce(
        say,
        'all requests went over in another run: there is nothing to compare their errors with, so that alarms, restarts and the health of the targets alone end this bake time',
      );
      return undefined;
    }
    const { judgement } = await this.#judged(step);
    return judgement.verdict === 'bad' ? this.#condemn(judgement, say) : undefined;
  }

  /** The step's fair minutes until now, and what they say with those of the steps before. */
  async #judged(step: OpenStep): Promise<{ fair: Split[]; judgement: Judgement }> {
    const minutes = await this.#minutes(step.from, step.to);
    if (minutes !== undefined) this.#current = splitsSince(minutes, step);
    const fair = fairSplits(this.#current);
    this.#note(fair);
    const { previousVersion } = this.#active.context.target;
    const windows = [...this.#windows, ...fair.map(windowOf)];
    return { fair, judgement: judge(windows, previousVersion === undefined ? {} : { previousVersion }) };
  }

  #pass(judgement: Judgement, because: string, say: (line: string) => void): StepVerdict {
    const { weight = 0 } = this.#step ?? {};
    this.#keep(judgement.verdict, because);
    const unsure =
      judgement.verdict === 'good' ? 'good' : 'inconclusive, and going on as on-inconclusive says';
    say(`        judged at ${weight} %: ${unsure}: ${because}`);
    return { kind: 'passed' };
  }

  #condemn({ verdict, because }: Judgement, say: (line: string) => void): StepVerdict {
    const { weight = 0 } = this.#step ?? {};
    this.#keep(verdict, because);
    say(`        judged at ${weight} %: ${verdict}: ${because}`);
    const said = verdict === 'bad' ? 'bad' : 'inconclusive';
    return { kind: 'condemned', cause: { kind: 'judged', verdict: said, because, weight } };
  }

  #keep(verdict: string, because: string): void {
    const { context, begunAt } = this.#active;
    const { weight = 0 } = this.#step ?? {};
    const seconds = Math.round(context.clock.now() - begunAt);
    this.#record.judgements.push({ seconds, weight, verdict, because });
  }

  #sayOnce(say: (line: string) => void, line: string): void {
    if (this.#said === line) return;
    this.#said = line;
    say(`        ${line}`);
  }

  /** What is read later of a minute is more of it. */
  #note(fair: readonly Split[]): void {
    const { minutes } = this.#record;
    const rows = new Map([...minutes, ...fair.map(recordOf)].map((row) => [row.start, row]));
    minutes.splice(0, minutes.length, ...rows.values());
  }

  /** undefined where they could not be read: that says nothing. */
  async #minutes(from: string, to: string): Promise<TrafficMinute[] | undefined> {
    const { context } = this.#active;
    this.#since ??= await this.#beginning();
    const since = this.#since;
    const now = context.clock.now();
    const { stepTime = blueGreenDefaults.stepTime } = context.run.inputs;
    const good = Math.min(askAgainAfter, stepTime / 15);
    if (this.#read !== undefined && now - this.#read.at < good) return this.#read.minutes;
    const minutes = await bestEffort(context, 'read the metrics of the target groups', () =>
      context.api.traffic([from, to], since),
    );
    this.#read = { at: now, minutes };
    return minutes;
  }

  /** By AWS's clock where it can be told: the last launch, for nothing has been shifted before it. */
  async #beginning(): Promise<Date> {
    const { context } = this.#active;
    const activities = await bestEffort(context, 'see the activities', () =>
      context.api.recentActivities(context.group),
    );
    const launched = activities?.find(({ kind }) => kind === 'launch')?.startTime.getTime() ?? 0;
    return new Date(Math.max(launched, Date.now() - lookBack * 1000));
  }
}
