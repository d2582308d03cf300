import type { JudgedWindow, JudgementRules } from './rules.ts';

/** A minute as it is compared. */
export interface Minute extends JudgedWindow {
  /** The new version had every request: `previous` is what the version before had in the minutes before that step. */
  alone: boolean;
}

/** Minutes of one step that together have enough requests to be looked at. */
export type Look = readonly Minute[];

export interface Total {
  requests: number;
  errors: number;
}

/** Minutes before the last step that stand for the version before when it has no requests any more. */
const minutesBefore = 10;

/** Gives every minute something to be compared with; where there is nothing, `previous` has no requests. */
export function minutesOf(windows: readonly JudgedWindow[]): Minute[] {
  const shared = windows.filter(({ weight }) => weight < 100).slice(-minutesBefore);
  const before = { ...sum(shared.map(({ previous }) => previous)), latency: undefined };
  return windows.map((window) =>
    window.weight < 100 ? { ...window, alone: false } : { ...window, previous: before, alone: true },
  );
}

/** Puts minutes together until both versions have had enough requests; what is left over waits for more. */
export function looksOf(minutes: readonly Minute[], { lookRequests }: JudgementRules): Look[] {
  const looks: Look[] = [];
  let open: Minute[] = [];
  for (const minute of minutes) {
    if (open[0]?.weight !== minute.weight) open = [];
    open.push(minute);
    const { current, previous } = totalsOf(open);
    if (Math.min(current.requests, previous.requests) < lookRequests) continue;
    looks.push(open);
    open = [];
  }
  return looks;
}

/** Requests and errors of several minutes of one step. */
export function totalsOf(minutes: readonly Minute[]): Record<'current' | 'previous', Total> {
  const compared = minutes.filter(({ alone }, index) => !alone || index === 0);
  return {
    current: sum(minutes.map(({ current }) => current)),
    previous: sum(compared.map(({ previous }) => previous)),
  };
}

function sum(totals: readonly Total[]): Total {
  return {
    requests: totals.reduce((all, { requests }) => all + requests, 0),
    // A connection that failed twice is one request.
    errors: totals.reduce((all, { errors, requests }) => all + Math.min(errors, requests), 0),
  };
}

/** The share of the requests that failed, 0 to 1. */
export function rateOf({ requests, errors }: Total): number {
  return requests === 0 ? 0 : errors / requests;
}
