import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Fleet, Service, ServiceOptions } from '../support/fleet.ts';
import { expectServed, rollOut, whatIsThere } from '../support/rollout.ts';
import type { Rollout, RolloutOptions } from '../support/rollout.ts';
import { runSideBySide, type SideBySide } from '../support/side-by-side.ts';

/** What a run ends with: for the job, for AWS, and for who looks at the group. */
export interface End {
  /** null and no outputs where it was killed. */
  exit: number | null;
  status: string | undefined;
  reason: string | undefined;
  /** Statuses of the group's refreshes, newest first. */
  refreshes: string[];
  versions: Record<string, number>;
  saved: string | undefined;
}

export interface Case {
  title: string;
  service?: ServiceOptions;
  /** Done when the service is there, before the run. */
  before?: (service: Service) => Promise<unknown>;
  run?: RolloutOptions | ((service: Service) => RolloutOptions);
  /** A list is of what it may end with, where that hangs on the moment. */
  ends: End | End[];
  says: RegExp[];
  /** The next run, when what this one has ordered is over; the service is looked at all the while, and never goes. */
  then?: { run?: RolloutOptions; ends: End | End[] };
  /** What else is to be seen afterwards. */
  after?: (service: Service, result: Rollout) => Promise<void> | void;
}

const two = { '1': 2 };

/** Version 2 runs, and is saved. */
export function deployed(change: Partial<End> = {}): End {
  return {
    exit: 0,
    status: 'deployed',
    reason: '',
    refreshes: ['Successful'],
    versions: { '2': 2 },
    saved: '2',
    ...change,
  };
}

/** Version 1 is back. */
export function rolledBack(reason: string, change: Partial<End> = {}): End {
  const refreshes = ['RollbackSuccessful'];
  return { exit: 1, status: 'rolled-back', reason, refreshes, versions: two, saved: '1', ...change };
}

/** Nothing was begun. */
export function refused(reason: string, change: Partial<End> = {}): End {
  return { exit: 1, status: 'failed', reason, refreshes: [], versions: two, saved: '1', ...change };
}

type Settings = Pick<SideBySide<Case, unknown>, 'port' | 'speed' | 'atOnce'>;

export function runCases(settings: Settings, tables: Record<string, Case[]>): void {
  runSideBySide(
    {
      ...settings,
      name: 'case',
      run: runCase,
      expectOf: async (each, { service, result, next }) => {
        expectEnd(result, each.ends);
        for (const sentence of each.says) expect(result.log).toMatch(sentence);
        if (each.then !== undefined && next !== undefined) expectEnd(next, each.then.ends);
        await each.after?.(service, result);
      },
    },
    tables,
  );
}

async function runCase(fleet: Fleet, name: string, each: Case): Promise<Ran> {
  const { service: options, before, run, ends, then } = each;
  const service = await fleet.service(name, options);
  await before?.(service);
  const first = async (): Promise<Rollout> =>
    settled(service, await rollOut(service, typeof run === 'function' ? run(service) : run), ends);
  if (then === undefined) return { service, result: await first(), next: undefined };
  return expectServed(
    () => service.look(),
    async () => {
      const result = await first();
      const next = await settled(service, await rollOut(service, then.run), then.ends);
      return { service, result, next };
    },
  );
}

interface Ran {
  service: Service;
  result: Rollout;
  /** Of the next run. */
  next: Rollout | undefined;
}

/** A way back that was ordered goes on at AWS without the job: it gets its time. */
async function settled(service: Service, result: Rollout, ends: Case['ends']): Promise<Rollout> {
  let seen = result;
  const wanted = [ends].flat().map(({ refreshes }) => refreshes);
  const turning = () => seen.refreshes.some((each) => ['RollbackInProgress', 'Cancelling'].includes(each));
  const there = () => wanted.some((each) => isDeepStrictEqual(seen.refreshes, each));
  for (let look = 0; look < 120 && turning() && !there(); look += 1) {
    await delay(500);
    seen = { ...result, ...(await whatIsThere(service)) };
  }
  return seen;
}

function expectEnd(result: Rollout, ends: Case['ends']): void {
  const { exitCode, outputs, refreshes, versions, saved } = result;
  const { status, 'failure-reason': reason } = outputs;
  const seen = { exit: exitCode, status, reason, refreshes, versions, saved };
  // The log says why.
  if (![ends].flat().some((each) => isDeepStrictEqual(seen, each)))
    throw new Error(`${inspect(seen)}\ninstead of ${inspect(ends)}:\n${result.log}`);
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
}
