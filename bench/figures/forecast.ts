import { estimateRollout } from '../../src/rollout/index.ts';
import type { Bench, Figure, Outcome, Row } from '../figure.ts';
import { quantile, spreadOf } from '../statistics.ts';
import { randomFleet, type RandomFleet } from '../virtual/fleets.ts';
import { World } from '../virtual/world.ts';
import { timeAxis, xyChart, type Series } from '../xy-chart.ts';

interface Trial {
  fleet: RandomFleet;
  /** Seconds. */
  forecast: number;
  happened: number;
}

/** Rolls one fleet out; what is forecast is what the action would say of it at its start. */
async function trial(fleet: RandomFleet): Promise<Trial> {
  const world = new World(fleet);
  try {
    await world.settle();
    const { settings, instances } = fleet;
    const { seconds } = estimateRollout({
      ...{ desired: instances, toReplace: instances, percentages: settings },
      warmup: settings.warmup,
      // The action takes what the group's own launches took.
      launch: spreadOf(world.launches).median,
      drain: settings.deregistrationDelay,
      ...{ checkpoints: settings.checkpoints ?? [], checkpointDelay: settings.checkpointDelay ?? 0 },
      bakeTime: settings.bakeTime ?? 0,
    });
    return { fleet, forecast: seconds, happened: await world.rollOut() };
  } finally {
    await world.close();
  }
}

/** Per cent that the forecast was above (or, below 0, beneath) what happened. */
const errorOf = ({ forecast, happened }: Trial): number => (100 * (forecast - happened)) / happened;

/** New instances serve before their warmup ends, so that it decides. */
const warmupDecides = ({ settings, behaviour }: RandomFleet): boolean =>
  settings.warmup >= 1.5 * behaviour.booting + settings.checkInterval;

/** Connections stay open until the deregistration delay ends them. */
const delayDecides = ({ settings, behaviour }: RandomFleet): boolean =>
  behaviour.lastConnection >= settings.deregistrationDelay;

function shareWithin(trials: readonly Trial[], perCent: number): number {
  return (100 * trials.filter((each) => Math.abs(errorOf(each)) <= perCent).length) / trials.length;
}

function rowOf(what: string, trials: readonly Trial[], extra: Partial<Row> = {}): Row[] {
  if (trials.length === 0) return [];
  const errors = trials.map(errorOf);
  const tenth = quantile(errors, 0.1);
  const ninetieth = quantile(errors, 0.9);
  return [
    {
      what: `${what} (${trials.length})`,
      value: { ...spreadOf(errors), min: tenth, max: ninetieth },
      unit: '% (10th to 90th)',
      note: `${Math.round(shareWithin(trials, 15))} % of them were forecast within 15 %`,
      ...extra,
    },
  ];
}

async function measure({ rounds = 400, signal, say }: Bench): Promise<Outcome> {
  const trials: Trial[] = [];
  for (let seed = 1; seed <= rounds; seed += 1) {
    signal.throwIfAborted();
    trials.push(await trial(randomFleet(seed)));
    if (seed % 50 === 0) say(`${seed} of ${rounds} fleets`);
  }
  const both = trials.filter(({ fleet }) => warmupDecides(fleet) && delayDecides(fleet));
  const early = trials.filter(({ fleet }) => warmupDecides(fleet) && !delayDecides(fleet));
  const slow = trials.filter(({ fleet }) => !warmupDecides(fleet));
  const share = shareWithin(trials, 15);
  const rows = [
    ...rowOf('error of the forecast, all fleets', trials, {
      aim: { text: '9 of 10 within 15 %', met: share >= 90 },
      note: `${Math.round(share)} % of them were forecast within 15 %. What the forecast can't know is when the last connection to an old instance ends, and how long a new one needs to pass its first check; where the settings decide, it is right.`,
    }),
    ...rowOf('warmup and deregistration delay decide', both),
    ...rowOf('connections end before the delay does', early),
    ...rowOf('new instances need longer than the warmup to serve', slow),
  ];
  return {
    rows,
    chart: chartOf([
      ['warmup and deregistration delay decide', both],
      ['connections end before the delay does', early],
      ['booting takes longer than the warmup', slow],
    ]),
  };
}

function chartOf(groups: [string, Trial[]][]): string {
  const all = groups.flatMap(([, trials]) => trials);
  const seconds = all.flatMap(({ forecast, happened }) => [forecast, happened]);
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)];
  const points: Series[] = groups.map(([name, trials]) => ({
    name,
    joined: false,
    points: trials.map(({ forecast, happened }): [number, number] => [happened, forecast]),
  }));
  const exact: Series = {
    name: 'as forecast',
    joined: true,
    points: [
      [least, least],
      [most, most],
    ],
  };
  return xyChart({
    title: 'Forecast against what happened',
    x: timeAxis('what happened', seconds),
    y: timeAxis('forecast', seconds),
    series: [...points, exact],
  });
}

export const forecast: Figure = {
  name: 'forecast',
  title: 'Forecast against what happened',
  how: 'Random groups of 1 to 200 instances, by a seed, with settings that people choose and machines whose launch, boot and last connection vary, rolled out by the fleet engine of the local cloud on a clock of its own. The forecast is what the log says before the rollout begins.',
  leftOut: [
    "AWS itself: that its batches follow the engine's rule is what its documentation says, not what was measured there.",
    'rollouts that fail.',
  ],
  measure,
};
