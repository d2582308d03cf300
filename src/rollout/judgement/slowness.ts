import { latencyPercentiles, type Latency } from '../model/index.ts';
import type { Draw } from './evidence.ts';
import type { JudgedWindow, JudgementRules } from './rules.ts';

/** Seconds above which a request is slow: the 95th percentile of the version before, and the margin. */
export function slowAbove(before: Latency, { latencyFactor, latencySeconds }: JudgementRules): number {
  return before[95] * latencyFactor + latencySeconds;
}

/** Whether the new version's 95th percentile is beyond the margin in a minute. */
export function isSlower({ current, previous }: JudgedWindow, rules: JudgementRules): boolean {
  if (current.latency === undefined || previous.latency === undefined) return false;
  return current.latency[95] > slowAbove(previous.latency, rules);
}

/**
 * Slow requests of a minute, as far as the percentiles tell: at least so many of the new version, at most so many of the
 * one before. Undefined where one of them answered nothing.
 */
export function slowDraw({ current, previous }: JudgedWindow, rules: JudgementRules): Draw | undefined {
  if (current.latency === undefined || previous.latency === undefined) return undefined;
  const seconds = slowAbove(previous.latency, rules);
  const slow = shareAbove(current.latency, seconds).least * current.requests;
  const slowBefore = shareAbove(previous.latency, seconds).most * previous.requests;
  return {
    share: current.requests / (current.requests + previous.requests),
    current: slow,
    all: slow + slowBefore,
  };
}

/** The share of requests that took longer, 0 to 1, between two bounds. */
function shareAbove(latency: Latency, seconds: number): { least: number; most: number } {
  const above = latencyPercentiles.filter((percentile) => latency[percentile] > seconds);
  const below = latencyPercentiles.filter((percentile) => latency[percentile] <= seconds);
  return {
    least: 1 - Math.min(100, ...above) / 100,
    most: 1 - Math.max(0, ...below) / 100,
  };
}
