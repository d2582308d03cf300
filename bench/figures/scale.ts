import type { Bench, Figure, Outcome } from '../figure.ts';
import { spreadOf } from '../statistics.ts';
import { estimateBlueGreen } from '../../src/rollout/index.ts';
import { fillSeconds, rolloutSeconds, type Behaviour, type Settings } from '../virtual/world.ts';
import { timeAxis, xyChart } from '../xy-chart.ts';

const sizes = [1, 3, 10, 30, 100, 300, 1000];
const largest = 5000;

/** EC2 says running after 8 s; boot, Docker, pull and start take 50 s; one connection in two is gone after 20 s. */
const machines: Behaviour = { running: 8, booting: 50, lastConnection: 20, failures: 0.002 };

const defaults: Settings = {
  minHealthyPercentage: 90,
  maxHealthyPercentage: null,
  warmup: 300,
  deregistrationDelay: 300,
  checkInterval: 30,
};
const short = { warmup: 30, deregistrationDelay: 30 };

interface Choice {
  name: string;
  settings: Settings;
  behaviour?: Behaviour;
  /** Measured with 5,000 instances, too. */
  large?: true;
  /** Blue/green instead: the steps of the requests, in per cent, and seconds for which each below 100 is judged. */
  blueGreen?: { steps: number[]; stepTime: number };
}

const oneInTen = { ...defaults, minHealthyPercentage: 100, maxHealthyPercentage: 110 };
const allAtOnce = { ...defaults, minHealthyPercentage: 100, maxHealthyPercentage: 200 };
const webSockets = { ...machines, lastConnection: Number.POSITIVE_INFINITY };

const choices: Choice[] = [
  { name: '90 %, no maximum; warmup 300 s, delay 300 s', settings: defaults, large: true },
  { name: '… delay 30 s', settings: { ...defaults, deregistrationDelay: 30 } },
  { name: '… warmup 30 s', settings: { ...defaults, warmup: 30 } },
  { name: '… both 30 s', settings: { ...defaults, ...short }, large: true },
  { name: '100 to 110 %; warmup 300 s, delay 300 s', settings: oneInTen, large: true },
  { name: '… and connections that stay open', settings: oneInTen, behaviour: webSockets },
  { name: '… both 30 s', settings: { ...oneInTen, ...short }, large: true },
  { name: '100 to 200 %; warmup 300 s, delay 300 s', settings: allAtOnce },
  { name: '… both 30 s', settings: { ...allAtOnce, ...short }, large: true },
  { name: '… both 30 s, checks every 5 s', settings: { ...allAtOnce, ...short, checkInterval: 5 } },
  {
    name: 'blue/green; 5, 25, 100 %, each judged for 300 s',
    settings: defaults,
    blueGreen: { steps: [5, 25, 100], stepTime: 300 },
    large: true,
  },
  { name: '… each judged for 60 s', settings: defaults, blueGreen: { steps: [5, 25, 100], stepTime: 60 } },
  {
    name: '… all requests at once',
    settings: defaults,
    blueGreen: { steps: [100], stepTime: 0 },
    large: true,
  },
];

/** Seconds by number of instances, a value a seed. */
type Durations = Map<number, number[]>;

async function durationsOf(
  { settings, behaviour = machines, large, blueGreen }: Choice,
  { signal, rounds = 3 }: Bench,
): Promise<Durations> {
  const durations: Durations = new Map();
  for (const instances of large ? [...sizes, largest] : sizes) {
    const seeds = instances > 300 ? 1 : rounds;
    const seconds: number[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) {
      signal.throwIfAborted();
      const world = { seed, instances, settings, behaviour };
      seconds.push(
        blueGreen === undefined
          ? await rolloutSeconds(world)
          : estimateBlueGreen({ launch: await fillSeconds(world), ...blueGreen, bake: 0 }).seconds,
      );
    }
    durations.set(instances, seconds);
  }
  return durations;
}

async function measure(bench: Bench): Promise<Outcome> {
  const measured: { name: string; durations: Durations }[] = [];
  let group = '';
  for (const choice of choices) {
    // What is left out at the beginning of a name is what the one before it has.
    group = choice.name.startsWith('…') ? group : (choice.name.split(';')[0] ?? '');
    const name = choice.name.replace(/^…/, `${group}:`);
    bench.say(name);
    measured.push({ name, durations: await durationsOf(choice, bench) });
  }
  const at = (durations: Durations, instances: number) => spreadOf(durations.get(instances) ?? []);
  const rows = measured.map(({ name, durations }) => ({
    what: name,
    value: at(durations, 100),
    unit: 's',
    ...(durations.has(largest) && {
      against: { what: '5,000 instances', value: at(durations, largest) },
    }),
  }));
  return { rows, chart: chartOf(measured) };
}

function chartOf(measured: { name: string; durations: Durations }[]): string {
  const series = measured.map(({ name, durations }) => ({
    name,
    joined: true,
    points: [...durations].map(([instances, seconds]): [number, number] => [
      instances,
      spreadOf(seconds).median,
    ]),
  }));
  const seconds = series.flatMap(({ points }) => points.map(([, value]) => value));
  return xyChart({
    title: 'How long a rollout takes',
    x: {
      label: 'instances',
      ticks: [1, 10, 100, 1000, 5000].map((value) => ({ at: value, label: value.toLocaleString('en') })),
    },
    y: timeAxis('from the start of the refresh to its end', seconds),
    series,
  });
}

export const scale: Figure = {
  name: 'scale',
  title: 'How long a rollout takes, by size and settings',
  how: 'Groups of 1 to 5,000 instances on the virtual clock, by a seed: EC2 says "running" after 8 s, the application answers 50 s later (each machine differs), half of all last connections are gone after 20 s, 2 launches of 1,000 fail, and EC2 starts 1,000 instances at once and 2 a second from then on. Of blue/green the launch of the second group is played; the steps take the time that they are given, and nobody waits for the old group to end. The table shows 100 instances, against 5,000.',
  leftOut: [
    'quotas of vCPUs and addresses, which a maximum of 200 % needs twice.',
    "AWS's own pauses between two batches, which it does not publish.",
  ],
  measure,
};
