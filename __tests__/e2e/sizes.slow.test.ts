import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Fleet } from './support/fleet.ts';
import type { Service, ServiceOptions } from './support/fleet.ts';
import { Pool } from './support/pool.ts';
import { portOf } from './support/ports.ts';
import { rollOut } from './support/rollout.ts';
import type { Rollout } from './support/rollout.ts';

/**
 * Groups of one to a thousand simulated instances, with every way to say how many may be away at once, fifty times as
 * fast as real ones, through the built action. What is expected of each is what AWS documents, not what the forecast's
 * own code works out.
 */
const port = portOf(import.meta.url);
const noPolicy = {
  group: { InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 } },
};

interface Size {
  instances: number;
  /** min-healthy-percentage and max-healthy-percentage; absent: the group's policy, or AWS's own 90 without a maximum. */
  percentages: [min?: number, max?: number];
  service?: ServiceOptions;
  /** What the forecast says. */
  says: RegExp;
}

const good: Size[] = [
  {
    instances: 1,
    percentages: [100, 100],
    says: /1 instance, launch before terminate, 1 at a time: 1 batch/,
  },
  { instances: 1, percentages: [0], says: /1 instance, terminate and launch at the same time.*: 1 batch/ },
  { instances: 1, percentages: [], says: /between 1 and 2/ },
  { instances: 2, percentages: [50], says: /2 instances, terminate and launch.*1 at a time: 2 batches/ },
  { instances: 2, percentages: [], service: noPolicy, says: /1 at a time: 2 batches\n.*between 1 and 2/ },
  { instances: 3, percentages: [100, 100], says: /launch before terminate, 1 at a time: 3 batches/ },
  { instances: 3, percentages: [], says: /launch before terminate, 3 at a time: 1 batch\n.*between 3 and 6/ },
  { instances: 10, percentages: [80], says: /2 at a time: 5 batches\n.*between 8 and 10/ },
  { instances: 10, percentages: [], service: noPolicy, says: /1 at a time: 10 batches\n.*between 9 and 10/ },
  { instances: 10, percentages: [100, 110], says: /launch before terminate, 1 at a time: 10 batches/ },
  { instances: 100, percentages: [90, 120], says: /30 at a time: 4 batches\n.*between 90 and 120/ },
  {
    instances: 100,
    percentages: [],
    service: noPolicy,
    says: /10 at a time: 10 batches\n.*between 90 and 100/,
  },
  { instances: 1000, percentages: [100, 200], says: /1000 at a time: 1 batch\n.*between 1000 and 2000/ },
  { instances: 1000, percentages: [50], says: /500 at a time: 2 batches\n.*between 500 and 1000/ },
];

const titleOf = ({ instances, percentages: [min, max], service }: Size): string =>
  `${instances}: ${min ?? (service === noPolicy ? "AWS's default" : "the group's policy")}${max === undefined ? '' : ` to ${max}`}`;

function inputsOf({ percentages: [min, max] }: Size): Record<string, string> {
  return {
    ...(min !== undefined && { 'min-healthy-percentage': String(min) }),
    ...(max !== undefined && { 'max-healthy-percentage': String(max) }),
  };
}

interface Run {
  result: Rollout;
  /** Calls that the run made, by operation. */
  calls: Record<string, number>;
}

const bad = [1, 2, 3, 100, 1000];
const runs = new Map<Size | number, Promise<Run>>();
let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.up(port, 50);
  const pool = new Pool(6);
  const begin = (key: Size | number, work: () => Promise<Run>): void => {
    const run = pool.run(work);
    // Its own test tells of a failure.
    run.catch(() => undefined);
    runs.set(key, run);
  };
  for (const [index, size] of good.entries()) begin(size, () => runGood(`size-${index + 1}`, size));
  for (const instances of bad) begin(instances, () => runBad(`bad-${instances}`, instances));
}, 300_000);

afterAll(async () => {
  await Promise.allSettled(runs.values());
  await fleet.down();
}, 60_000);

async function runGood(name: string, size: Size): Promise<Run> {
  const service = await fleet.service(name, { instances: size.instances, ...size.service });
  return run(service, inputsOf(size));
}

async function runBad(name: string, instances: number): Promise<Run> {
  const service = await fleet.service(name, { instances, drain: 10 });
  await service.fault({ bootFailure: 'pull' });
  return run(service, {});
}

/** Each run signs with a key of its own, by which its calls are known. */
async function run(service: Service, inputs: Record<string, string>): Promise<Run> {
  const environment = { AWS_ACCESS_KEY_ID: service.application };
  const result = await rollOut(service, { inputs, environment });
  return { result, calls: await callsOf(service.application) };
}

/** By operation. */
async function callsOf(identity: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const call of await fleet.control.calls())
    if (call.identity === identity) counts[call.operation] = (counts[call.operation] ?? 0) + 1;
  return counts;
}

async function seen(key: Size | number): Promise<Run> {
  const run = await runs.get(key);
  if (run === undefined) throw new Error('it did not run');
  return run;
}

function expectEnded({ result }: Run, exitCode: 0 | 1): void {
  // The log says why.
  if (result.exitCode !== exitCode) throw new Error(result.log);
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
}

describe('a rollout that goes well', () => {
  it.each(good.map((size) => [titleOf(size), size] as const))(
    'of %s',
    async (_, size) => {
      const run = await seen(size);
      expectEnded(run, 0);
      const { outputs, log, versions, refreshes, saved } = run.result;
      expect({ status: outputs.status, versions, refreshes, saved }).toEqual({
        status: 'deployed',
        versions: { '2': size.instances },
        refreshes: ['Successful'],
        saved: '2',
      });
      expect(log).toMatch(size.says);
    },
    300_000,
  );
});

describe('a rollout that goes badly', () => {
  it.each(bad)(
    'of %i instances is undone',
    async (instances) => {
      const run = await seen(instances);
      expectEnded(run, 1);
      const { outputs, log, versions, refreshes, saved } = run.result;
      expect({ versions, refreshes, saved }).toEqual({
        versions: { '1': instances },
        refreshes: ['RollbackSuccessful'],
        saved: '1',
      });
      expect(outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'boot-failed' });
      expect(log).toMatch(/Error: the new version does not start: the image can't be pulled by \d+ of \d+/);
      expect(log).toMatch(/rolled back: (?:the only instance runs|both|all \d+ instances run) /);
    },
    300_000,
  );
});

describe('calls', () => {
  const thousands = [...good.filter(({ instances }) => instances === 1000), 1000];
  it.each(thousands.map((key) => [typeof key === 'number' ? 'undone' : titleOf(key), key] as const))(
    'of a poll are no more for a thousand instances: %s',
    async (_, key) => {
      const { calls } = await seen(key);
      const polls = calls.DescribeInstanceRefreshes ?? 0;
      const all = Object.values(calls).reduce((sum, count) => sum + count, 0);
      // The refresh, the group, its targets, three pages of activities, three consoles.
      expect(all).toBeLessThanOrEqual(9 * polls + 20);
    },
    300_000,
  );
});
