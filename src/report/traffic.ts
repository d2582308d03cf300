import type { RolloutResult, Series, Span, TrafficFigures, TrafficRecord } from '../core/index.ts';
import { duration } from '../core/index.ts';
import { escape, table } from './markdown.ts';
import { lineChart } from './pictures.ts';

/** How the requests were shifted and what each share was judged to be, drawn and told; '' where none were. Pure. */
export function trafficSection(rollout: RolloutResult | undefined): string {
  const traffic = rollout?.traffic;
  if (rollout === undefined || traffic === undefined) return '';
  const { shifts, judgements } = traffic;
  if (shifts.length + judgements.length === 0) return '';
  return [shareChart(traffic, rollout), failureChart(traffic, rollout), course(traffic)]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Shares that are shown in the row of a timeline at most. */
const mostShares = 12;

/** The share of the requests that the new version had, and when, as a row of the rollout's timeline. Pure. */
export function shareSpans({ traffic, templateVersion, seconds: end }: RolloutResult): Span[] {
  const shifts = (traffic?.shifts ?? []).slice(-mostShares);
  return shifts.map(({ seconds, weight }, index) => ({
    ...{ row: `share of ${templateVersion}`, name: `${weight} %`, from: seconds },
    ...{ to: shifts[index + 1]?.seconds ?? Math.max(end, seconds), kind: 'stage' },
  }));
}

/** The shares that the weights gave to both versions. */
function shareChart({ shifts }: TrafficRecord, rollout: RolloutResult): string {
  const weights = [{ seconds: 0, weight: 0 }, ...shifts];
  const series = (name: string, of: (weight: number) => number): Series => ({
    name,
    points: weights.map(({ seconds, weight }) => [seconds, of(weight)]),
  });
  const { templateVersion, seconds } = rollout;
  return lineChart(
    [
      series(before(rollout), (weight) => 100 - weight),
      series(`version ${templateVersion}`, (weight) => weight),
    ],
    { title: 'Shares of the requests', axis: 'per cent of the requests', seconds },
  );
}

function before({ previousTemplateVersion: version }: RolloutResult): string {
  return version === undefined ? 'the version before' : `version ${version}`;
}

/** What failed of each version's requests, minute by minute; nothing, where none did: the table says so. */
function failureChart({ minutes, shifts }: TrafficRecord, rollout: RolloutResult): string {
  const [first] = minutes;
  if (first === undefined || minutes.every(({ previous, current }) => previous.errors + current.errors === 0))
    return '';
  // AWS's clock and the run's are not the same: the first minute begins where the first share was given.
  const offset = (shifts[0]?.seconds ?? 0) - new Date(first.start).getTime() / 1000;
  const series = (name: string, of: 'previous' | 'current'): Series => ({
    name,
    points: minutes.map((minute) => [
      offset + new Date(minute.start).getTime() / 1000,
      failedPercent(minute[of]),
    ]),
  });
  return lineChart(
    [series(before(rollout), 'previous'), series(`version ${rollout.templateVersion}`, 'current')],
    { title: 'Failed requests', axis: 'per cent that failed', seconds: rollout.seconds },
  );
}

/** Characters of why a share was judged as it was. */
const longestJudgement = 1000;

const count = (requests: number): string => requests.toLocaleString('en-US');

function failedPercent({ requests, errors }: TrafficFigures): number {
  return requests === 0 ? 0 : Math.round((10_000 * errors) / requests) / 100;
}

function course({ shifts, judgements, minutes, secondsToUndo }: TrafficRecord): string {
  // Of one second, the judgement comes first: the shift follows from it.
  const events = [
    ...judgements.map(({ seconds, weight, verdict, because }) => ({
      seconds,
      what: `judged at ${weight} %: ${verdict}: ${because}`,
    })),
    ...shifts.map(({ seconds, weight }) => ({
      seconds,
      what: `${weight} % of the requests to the new version`,
    })),
  ].toSorted((one, other) => one.seconds - other.seconds);
  const seen = minutes.reduce((sum, { current }) => sum + current.requests, 0);
  const failed = minutes.reduce((sum, { current }) => sum + current.errors, 0);
  const all = minutes.reduce((sum, { previous }) => sum + previous.requests, seen);
  const judged = `${count(seen)} of ${count(all)} requests of these minutes reached the new version, ${count(failed)} of them failed`;
  return table(
    ['after', 'what became of the requests'],
    [
      ...events.map(({ seconds, what }) => [duration(seconds), escape(what, longestJudgement)] as const),
      ...(all === 0 ? [] : [['judged', judged] as const]),
      ...(secondsToUndo === undefined
        ? []
        : [['back', `${duration(secondsToUndo)} from the verdict to the weights of before`] as const]),
    ],
  );
}
