import { estimateRollout, observed } from '../../src/rollout/index.ts';
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

/** The first rollout of a fleet, and the third one, of which more is known. */
interface Trials {
  first: Trial;
  third: Trial;
}

/** Rolls one fleet out three times; what is forecast is what the action would say of it at its start. */
async function trialsOf(fleet: RandomFleet): Promise<Trials> {
  const world = new World(fleet);
  try {
    await world.settle();
    const { settings, instances } = fleet;
    const { warmup, checkpoints = [], checkpointDelay = 0, bakeTime = 0 } = settings;
    const roll = async (): Promise<Trial> => {
      const { seconds } = estimateRollout({
        ...{ desired: instances, toReplace: instances, percentages: settings, warmup },
        ...observed(await world.look(), warmup),
        ...{ checkpoints, checkpointDelay, bakeTime },
      });
      return { fleet, forecast: seconds, happened: await world.rollOut() };
    };
    const first = await roll();
    await roll();
    return { first, third: await roll() };
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
  const trials: Trials[] = [];
  for (let seed = 1; seed <= rounds; seed += 1) {
    signal.throwIfAborted();
    trials.push(await trialsOf(randomFleet(seed)));
    if (seed % 50 === 0) say(`${seed} of ${rounds} fleets`);
  }
  const first = trials.map((each) => each.first);
  const third = trials.map((each) => each.third);
  const both = first.filter(({ fleet }) => warmupDecides(fleet) && delayDecides(fleet));
  const early = first.filter(({ fleet }) => warmupDecides(fleet) && !delayDecides(fleet));
  const slow = first.filter(({ fleet }) => !warmupDecides(fleet));
  const share = shareWithin(third, 15);
  const rows = [
    ...rowOf('error of the forecast, the third rollout of a group', third, {
      aim: { text: '9 of 10 within 15 %', met: share >= 90 },
    }),
    ...rowOf('the first rollout of a group', first, {
      note: `${Math.round(shareWithin(first, 15))} % of them were forecast within 15 %. What no settings tell is when the last connection to an old instance ends, and how long a new one needs to pass its first check; where settings decide, it is right.`,
    }),
    ...rowOf('… warmup and deregistration delay decide', both),
    ...rowOf('… connections end before the delay does', early),
    ...rowOf('… new instances need longer than the warmup to serve', slow),
  ];
  return {
    rows,
    chart: chartOf([
      ['the third rollout', third],
      ['the first: settings decide', both],
      ['the first: connections end early', early],
      ['the first: boot is longer than the warmup', slow],
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
  how: "Random groups of 1 to 200 instances, by a seed, with settings that people choose and machines whose launch, boot and last connection vary, rolled out three times by the fleet engine of the local cloud on a clock of its own. The forecast is what the log says before the rollout begins, which goes by what the last ones took: of the first one, settings and the group's launches are all that is known.",
  leftOut: [
    "AWS itself: that its batches follow the engine's rule is what its documentation says, not what was measured there.",
    'rollouts that fail.',
  ],
  measure,
};
