import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import { Fleet } from '../support/fleet.ts';
import type { Service, ServiceOptions } from '../support/fleet.ts';
import { Pool } from '../support/pool.ts';
import { rollOut, whatIsThere } from '../support/rollout.ts';
import type { Rollout, RolloutOptions } from '../support/rollout.ts';

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

interface Settings {
  port: string;
  speed: number;
  /** Runs at a time. */
  atOnce: number;
}

/** Runs the cases of all tables side by side in one local cloud, each with a service of its own, and tests each. */
export function runCases({ port, speed, atOnce }: Settings, tables: Record<string, Case[]>): void {
  const runs = new Map<Case, Promise<{ service: Service; result: Rollout }>>();
  let fleet: Fleet | undefined;

  beforeAll(async () => {
    const up = (fleet = await Fleet.up(port, speed));
    const pool = new Pool(atOnce);
    for (const [index, each] of Object.values(tables).flat().entries()) {
      const run = pool.run(() => runCase(up, `case-${index + 1}`, each));
      // Its own test tells of a failure.
      run.catch(() => undefined);
      runs.set(each, run);
    }
  }, 300_000);

  afterAll(async () => {
    await Promise.allSettled(runs.values());
    await fleet?.down();
  }, 60_000);

  describe.each(Object.entries(tables))('%s', (_title, cases) => {
    it.each(cases.map((each) => [each.title, each] as const))(
      '%s',
      async (_, each) => {
        const { service, result } = (await runs.get(each)) ?? {};
        if (service === undefined || result === undefined) throw new Error('it did not run');
        expectEnd(result, each);
        await each.after?.(service, result);
      },
      300_000,
    );
  });
}

async function runCase(fleet: Fleet, name: string, { service: options, before, run, ends }: Case) {
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
