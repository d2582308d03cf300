/**
 * How often the judgement is wrong, and how long it takes to be right: writes the tables of docs/judgement.md from traffic
 * that is drawn, the same every time.
 *
 *   npm run judgement [-- <rollouts for each line of false alarms, 10000> <for each cell of the others, 1000>]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { blueGreenDefaults } from '../src/inputs/index.ts';
import { judge } from '../src/rollout/index.ts';
import { replaceBetween } from './docs/markers.ts';
import { Random } from './judgement/random.ts';
import {
  type Behaviour,
  type Course,
  twoKindsOfSeconds,
  usualSeconds,
  windowsOf,
} from './judgement/traffic.ts';

const page = 'docs/judgement.md';
const [rollouts = 10_000, rolloutsOfCell = 1000] = process.argv.slice(2).map(Number);
const rates = [5, 50, 400];
const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
/** After the last step. */
const bakeMinutes = 10;
const minutesAt = (weight: number, minutes: number): number[] => Array<number>(minutes).fill(weight);

/** The minute after which it was first called bad, the first being 1; undefined where it never was. */
function condemnedAfter(windows: ReturnType<typeof windowsOf>): number | undefined {
  const after = windows.findIndex((_window, index) => judge(windows.slice(0, index + 1)).verdict === 'bad');
  return after < 0 ? undefined : after + 1;
}

const faltering: Behaviour = { failing: () => 0.02, seconds: usualSeconds };
const isFirst = (minute: number): boolean => minute % (blueGreenDefaults.stepTime / 60) === 0;
/** As good, but for the first minute of a step, when instances get more requests than they had. */
const stumbling: Behaviour = {
  failing: (minute) => (isFirst(minute) ? 0.06 : 0.02),
  seconds: (share, minute) => (isFirst(minute) ? 3 : 1) * usualSeconds(share),
};

function falseAlarms(): string[] {
  const lines: [string, Behaviour, current?: Behaviour][] = [
    ['0.1 % of all requests fail', { failing: () => 0.001, seconds: usualSeconds }],
    ['2 % fail', faltering],
    [
      '20 % fail every third minute, none else',
      { failing: (minute) => (minute % 3 === 1 ? 0.2 : 0), seconds: usualSeconds },
    ],
    ['the first minute of each step fails 4 % more and is three times as slow', faltering, stumbling],
    ['one request in twenty is slow', { failing: () => 0.001, seconds: twoKindsOfSeconds }],
  ];
  const { trafficSteps, stepTime } = blueGreenDefaults;
  const weights = trafficSteps.flatMap((weight) =>
    minutesAt(weight, weight < 100 ? stepTime / 60 : bakeMinutes),
  );
  const shares = lines.map(([what, previous, current = previous], line) => {
    const cells = rates.map((rate, column) => {
      const random = new Random(1 + 100 * line + column);
      let condemned = 0;
      for (let index = 0; index < rollouts; index += 1)
        if (condemnedAfter(windowsOf(random, { rate, weights }, { previous, current })) !== undefined)
          condemned += 1;
      return `${condemned} of ${rollouts.toLocaleString('en-US')}`;
    });
    return `| ${what} | ${cells.join(' | ')} |`;
  });
  return [
    '| both versions alike | 5 requests/s | 50 requests/s | 400 requests/s |',
    '|---|---|---|---|',
    ...shares,
  ];
}

const good: Behaviour = { failing: () => 0.001, seconds: usualSeconds };
const failing = (share: number): Behaviour => ({ ...good, failing: () => share });
const slower = (factor: number): Behaviour => ({ ...good, seconds: (share) => factor * usualSeconds(share) });

const faults: [string, Behaviour][] = [
  ['0.5 % fail', failing(0.005)],
  ['1 % fail', failing(0.01)],
  ['3 % fail', failing(0.03)],
  ['10 % fail', failing(0.1)],
  ['20 % slower', slower(1.2)],
  ['50 % slower', slower(1.5)],
  ['100 % slower', slower(2)],
];

/** What a step of 5 minutes sees, and how long half of the rollouts take that stay there for half an hour. */
function cellOf(random: Random, course: Course, current: Behaviour): string {
  const after: number[] = [];
  for (let index = 0; index < rolloutsOfCell; index += 1) {
    const minutes = condemnedAfter(windowsOf(random, course, { previous: good, current }));
    after.push(minutes ?? Infinity);
  }
  const seen = after.filter((minutes) => minutes <= 5).length / rolloutsOfCell;
  const median = after.toSorted((a, b) => a - b)[Math.floor(after.length / 2)] ?? Infinity;
  const half = Number.isFinite(median) ? `${median} min` : 'never';
  return `${percent(seen)}, ${half}`;
}

function detection(): string[] {
  const columns = rates.flatMap((rate) => [5, 25, 50].map((weight) => ({ rate, weight })));
  const rows = faults.map(([what, behaviour], line) => {
    const cells = columns.map(({ rate, weight }, column) =>
      cellOf(new Random(10_000 + 100 * line + column), { rate, weights: minutesAt(weight, 30) }, behaviour),
    );
    return `| ${what} | ${cells.join(' | ')} |`;
  });
  return [
    `| requests/s, weight | ${columns.map(({ rate, weight }) => `${rate}, ${weight} %`).join(' | ')} |`,
    `|---|${'---|'.repeat(columns.length)}`,
    ...rows,
  ];
}

const tables = { 'false-alarms': falseAlarms(), detection: detection() };
const text = Object.entries(tables).reduce(
  (all, [name, lines]) => replaceBetween(all, name, lines),
  readFileSync(page, 'utf8'),
);
writeFileSync(page, text);
