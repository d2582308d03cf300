import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Fleet, Service, ServiceOptions } from '../support/fleet.ts';
import { rollOut, whatIsThere } from '../support/rollout.ts';
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
  ends: End;
  says: RegExp[];
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
      expectOf: async (each, { service, result }) => {
        expectEnd(result, each);
        await each.after?.(service, result);
      },
    },
    tables,
  );
}

async function runCase(
  fleet: Fleet,
  name: string,
  { service: options, before, run, ends }: Case,
): Promise<{ service: Service; result: Rollout }> {
  const service = await fleet.service(name, options);
  await before?.(service);
  const result = await rollOut(service, typeof run === 'function' ? run(service) : run);
  return { service, result: await settled(service, result, ends) };
}

/** A way back that was ordered goes on at AWS without the job: it gets its time. */
async function settled(service: Service, result: Rollout, { refreshes }: End): Promise<Rollout> {
  let seen = result;
  const turning = () => seen.refreshes.some((each) => ['RollbackInProgress', 'Cancelling'].includes(each));
  for (let look = 0; look < 60 && turning() && !isDeepStrictEqual(seen.refreshes, refreshes); look += 1) {
    await delay(500);
    seen = { ...result, ...(await whatIsThere(service)) };
  }
  return seen;
}

function expectEnd(result: Rollout, { ends, says }: Case): void {
  const { exitCode, outputs, refreshes, versions, saved } = result;
  const { status, 'failure-reason': reason } = outputs;
  const seen = { exit: exitCode, status, reason, refreshes, versions, saved };
  // The log says why.
  if (!isDeepStrictEqual(seen, ends))
    throw new Error(`${inspect(seen)}\ninstead of ${inspect(ends)}:\n${result.log}`);
  for (const sentence of says) expect(result.log).toMatch(sentence);
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
}
