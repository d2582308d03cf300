import { Fleet, type Service } from '../../__tests__/e2e/support/fleet.ts';
import { rollOut } from '../../__tests__/e2e/support/rollout.ts';
import type { Bench, Figure, Outcome, Row } from '../figure.ts';
import { spreadOf } from '../statistics.ts';
import { callsOf, type Call } from '../support/calls.ts';
import { withPeakMemory } from '../support/peak-memory.ts';

const sizes = [1, 10, 100, 1000, 5000];

/** A rollout that all groups do in the same time: every instance at once, some minutes long. */
const speed = 5;
const drain = 120;

interface Run {
  instances: number;
  /** All calls of the run. */
  calls: number;
  polls: number;
  /** Calls from one poll to the next, the poll included. */
  callsAPoll: number[];
  megabytes: number;
  seconds: number;
}

async function run(fleet: Fleet, service: Service, instances: number): Promise<Run> {
  // Each run signs with a key of its own, by which its calls are known.
  const identity = { AWS_ACCESS_KEY_ID: service.application };
  const { result, megabytes } = await withPeakMemory((probe) =>
    rollOut(service, { environment: { ...identity, ...probe } }),
  );
  const { exitCode, versions, saved } = result;
  if (exitCode !== 0 || versions['2'] !== instances || saved !== '2') throw new Error(result.log);
  const calls = (await callsOf(fleet.cloud)).filter((call) => call.identity === service.application);
  const { polls, between } = pollsOf(calls);
  return {
    ...{ instances, calls: calls.length, polls, callsAPoll: between },
    ...{ megabytes: Math.max(...megabytes), seconds: result.seconds },
  };
}

/** What is called from the refresh's start on, from one question for it to the next. */
function pollsOf(calls: readonly Call[]): { polls: number; between: number[] } {
  const started = calls.findIndex(({ operation }) => operation === 'StartInstanceRefresh');
  const later = calls.slice(started + 1);
  const polls = later.flatMap(({ operation }, index) =>
    operation === 'DescribeInstanceRefreshes' ? [index] : [],
  );
  return { polls: polls.length, between: polls.slice(1).map((index, at) => index - (polls[at] ?? 0)) };
}

async function measure({ port, signal, say }: Bench): Promise<Outcome> {
  const fleet = await Fleet.up(String(port), speed);
  try {
    const runs: Run[] = [];
    for (const instances of sizes) {
      signal.throwIfAborted();
      const service = await fleet.service(`size-${instances}`, { instances, drain });
      runs.push(await run(fleet, service, instances));
      say(`${instances} instances: ${JSON.stringify({ ...runs.at(-1), callsAPoll: undefined })}`);
    }
    return { rows: rowsOf(runs) };
  } finally {
    await fleet.down();
  }
}

function rowsOf(runs: readonly Run[]): Row[] {
  const [one] = runs;
  if (one === undefined) return [];
  return runs.flatMap(({ instances, calls, callsAPoll, polls, megabytes, seconds }) => {
    const group = instances === 1 ? '1 instance' : `${instances.toLocaleString('en')} instances`;
    const usual = spreadOf(callsAPoll);
    const grown = megabytes - one.megabytes;
    const over = spreadOf([calls / one.calls]);
    const first = instances === 1;
    return [
      {
        what: `${group}: calls a poll`,
        value: usual,
        unit: '',
        aim: { text: '1', met: usual.median === 1 },
        note: `${polls} polls in ${Math.round(seconds)} s; a poll that sees progress also reads the group, its targets, activities and consoles`,
      },
      {
        what: `${group}: calls in all`,
        value: spreadOf([calls]),
        unit: '',
        ...(!first && {
          against: { what: '1 instance', value: spreadOf([one.calls]) },
          ratio: over,
          aim: { text: '≤ 2', met: over.median <= 2 },
        }),
      },
      {
        what: `${group}: memory`,
        value: spreadOf([megabytes]),
        unit: 'MB',
        aim: first ? { text: '≤ 140 MB', met: megabytes <= 140 } : { text: '≤ 30 MB more', met: grown <= 30 },
        ...(!first && { against: { what: '1 instance', value: spreadOf([one.megabytes]) } }),
      },
    ];
  });
}

export const groupSizes: Figure = {
  name: 'sizes',
  title: 'Calls and memory, by size of the group',
  how: `Rollouts of groups of 1 to 5,000 simulated instances, ${speed} times as fast as real ones, all instances at once, so that each takes the same time. Memory is the largest of the action's process.`,
  leftOut: ['memory of Terraform and Docker, which a rollout does not start.'],
  measure,
};
