import { duration } from '../../core/index.ts';
import { rateOf, type Look, totalsOf } from './looks.ts';
import type { JudgementRules } from './rules.ts';
import { slowAbove } from './slowness.ts';
import type { Measure } from './standing.ts';

interface Words {
  previousVersion: number | undefined;
  rules: JudgementRules;
}

/** What is worse in some minutes, and that it is more than what is allowed. */
export function whyWorse(
  minutes: Look,
  { verdict, measure, ...words }: Words & { verdict: 'bad' | 'suspicious'; measure: Measure },
): string {
  const [figures, limit] =
    measure === 'errors'
      ? [errorText(minutes, words), `the ${floorOf(minutes, words)} floor`]
      : [latencyText(minutes, words), `the margin, which ends at ${limitOf(minutes, words)}`];
  return verdict === 'bad'
    ? `${figures}; that is more than chance and more than ${limit}`
    : `${figures}; that is more than ${limit}, and more requests have to tell whether it is chance`;
}

/** How both versions did in the minutes of a step that nothing speaks against. */
export function whyGood(minutes: Look, words: Words): string {
  const latency = hasLatency(minutes) ? `, and ${latencyText(minutes, words)}` : '';
  return `${errorText(minutes, words)}${latency}`;
}

/** What was too little to judge a step. */
export function whyInconclusive(minutes: Look, { rules, previousVersion }: Words): string {
  const { current, previous } = totalsOf(minutes);
  const [requests, version] =
    current.requests < rules.enoughRequests
      ? [current.requests, 'the new version']
      : [previous.requests, named(previousVersion)];
  const time = duration(minutes.length * 60);
  return `${counted(requests)} went to ${version} in ${time}, of the ${count(rules.enoughRequests)} that it takes to judge`;
}

function errorText(minutes: Look, { previousVersion }: Words): string {
  const { current, previous } = totalsOf(minutes);
  const before = minutes[0]?.alone === true ? ' before' : '';
  return `${percent(rateOf(current))} of ${counted(current.requests)} failed, against ${percent(rateOf(previous))} of ${count(previous.requests)} on ${named(previousVersion)}${before}`;
}

function floorOf(minutes: Look, { rules }: Words): string {
  return percent(minutes[0]?.alone === true ? rules.errorFloorAlone : rules.errorFloor);
}

function latencyText(minutes: Look, { previousVersion }: Words): string {
  const now = meanOf(minutes, ({ current }) => current.latency?.[95]);
  const before = meanOf(minutes, ({ previous }) => previous.latency?.[95]);
  return `95 % were answered within ${seconds(now)}, against ${seconds(before)} on ${named(previousVersion)}`;
}

function limitOf(minutes: Look, { rules }: Words): string {
  return seconds(meanOf(minutes, ({ previous: { latency } }) => latency && slowAbove(latency, rules)));
}

function hasLatency(minutes: Look): boolean {
  return minutes.some(({ current, previous }) => current.latency && previous.latency);
}

/** The mean over the minutes in which both versions answered, each as much as the requests that the new one had. */
function meanOf(minutes: Look, value: (minute: Look[number]) => number | undefined): number {
  const both = minutes.filter(({ current, previous }) => current.latency && previous.latency);
  const requests = both.reduce((all, { current }) => all + current.requests, 0);
  const total = both.reduce((all, minute) => all + (value(minute) ?? 0) * minute.current.requests, 0);
  return total / Math.max(1, requests);
}

function named(version: number | undefined): string {
  return version === undefined ? 'the version before' : `version ${version}`;
}

function counted(requests: number): string {
  return requests === 1 ? '1 request' : `${count(requests)} requests`;
}

function count(requests: number): string {
  return Math.round(requests).toLocaleString('en-US');
}

/** Two digits below 1 %, where they matter; else a tenth. */
function percent(share: number): string {
  const value = share * 100;
  return `${Number(value < 1 ? value.toPrecision(2) : value.toFixed(1))} %`;
}

function seconds(value: number): string {
  const milliseconds = Math.round(value * 1000);
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Number(value.toFixed(2))} s`;
}
