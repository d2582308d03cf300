import {
  duration,
  type TrafficFigures,
  type TrafficMinuteRecord,
  type TrafficRecord,
} from '../../core/index.ts';
import type { JudgedWindow } from '../judgement/index.ts';
import type { Traffic, TrafficMinute } from '../model/index.ts';

/** A minute of both versions, and what share of the requests the new one was to have. */
export interface Split {
  start: Date;
  weight: number;
  previous: Traffic;
  current: Traffic;
}

/** The record of a rollout that has shifted nothing yet. */
export const noTraffic = (): TrafficRecord => ({ shifts: [], judgements: [], minutes: [] });

/** Seconds that CloudWatch may need until a minute can be read. */
export const metricDelay = 180;

const none: Traffic = { requests: 0, errors: 0, latency: undefined };

/**
 * The full minutes after `after`, as both versions saw them. Pure.
 *
 * @param after the last minute that is not the weight's; undefined when there was none
 */
export function splitsSince(
  minutes: readonly TrafficMinute[],
  { from, to, weight, after }: { from: string; to: string; weight: number; after: Date | undefined },
): Split[] {
  return minutes
    .filter(({ start }) => after === undefined || start > after)
    .map(({ start, byTargetGroup }) => ({
      start,
      weight,
      previous: byTargetGroup[from] ?? none,
      current: byTargetGroup[to] ?? none,
    }));
}

/** Milliseconds by which CloudWatch may be behind, or the machine's clock off: beyond it that clock is not AWS's. */
const plausible = 10 * 60_000;

/**
 * The last minute before a weight is set, or the one in which it is: what begins after it is the weight's. CloudWatch has
 * published none of the last minutes yet, and few requests do not tell by themselves which weight they followed. Pure.
 *
 * @param newest the newest minute that CloudWatch has
 * @param now this machine's time
 */
export function lastBefore(newest: Date | undefined, now: Date): Date | undefined {
  if (newest === undefined) return undefined;
  const current = Math.floor(now.getTime() / 60_000) * 60_000;
  const behind = current - newest.getTime();
  return behind > 0 && behind <= plausible ? new Date(current) : newest;
}

/**
 * Whether the requests of a minute were shared out as the weights say: what the load balancer's nodes had not taken up
 * yet, or of a client that it keeps elsewhere, is no fair minute. Three standard deviations are chance. Pure.
 */
export function follows({ weight, previous, current }: Split): boolean {
  const all = previous.requests + current.requests;
  if (all === 0) return true;
  const wanted = weight / 100;
  const chance = 3 * Math.sqrt((wanted * (1 - wanted)) / all);
  return Math.abs(current.requests / all - wanted) <= chance + 0.15 * Math.min(wanted, 1 - wanted);
}

/** The minutes from the first on that follows the weight, but for those that do not. Pure. */
export function fairSplits(splits: readonly Split[]): Split[] {
  return splits.filter(follows);
}

/** A minute for the judgement. */
export function windowOf({ start, weight, previous, current }: Split): JudgedWindow {
  return { start, end: new Date(start.getTime() + 60_000), weight, previous, current };
}

/** A minute for the report. */
export function recordOf({ start, weight, previous, current }: Split): TrafficMinuteRecord {
  return { start: start.toISOString(), weight, previous: figures(previous), current: figures(current) };
}

function figures({ requests, errors, latency }: Traffic): TrafficFigures {
  return { requests, errors, latency: latency?.[95] };
}

/** What is said where requests stay where they were: "1 % of 2400 requests reach the new version, where 10 % should". */
export function notFollowing(splits: readonly Split[], weight: number, seconds: number): string {
  const last = splits.at(-1);
  if (last === undefined) return `CloudWatch has no minute of the ${duration(seconds)} since`;
  const all = last.previous.requests + last.current.requests;
  const share = Math.round((1000 * last.current.requests) / Math.max(1, all)) / 10;
  return `${share} % of the last minute's ${all} requests reached the new version, where ${weight} % should have`;
}
