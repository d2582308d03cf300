import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Fleet } from './fleet.ts';
import { Pool } from './pool.ts';

export interface SideBySide<Case, Result> {
  port: string;
  speed: number;
  /** Runs at a time. */
  atOnce: number;
  /** What the services are called, before their number. */
  name: string;
  /** Done when the cloud is there, before the first case. */
  prepare?: (fleet: Fleet) => Promise<unknown>;
  run: (fleet: Fleet, name: string, each: Case) => Promise<Result>;
  /** What is expected of a run, in the case's own test; left out where running it is the test. */
  expectOf?: (each: Case, result: Result) => Promise<void> | void;
}

/** Runs the cases of all tables side by side in one local cloud, each with a service of its own, and tests each. */
export function runSideBySide<Case extends { title: string }, Result>(
  { port, speed, atOnce, name, prepare, run, expectOf }: SideBySide<Case, Result>,
  tables: Record<string, Case[]>,
): void {
  const runs = new Map<Case, Promise<Result>>();
  let fleet: Fleet | undefined;

  beforeAll(async () => {
    const up = (fleet = await Fleet.up(port, speed));
    await prepare?.(up);
    const pool = new Pool(atOnce);
    for (const [index, each] of Object.values(tables).flat().entries()) {
      const running = pool.run(() => run(up, `${name}-${index + 1}`, each));
      // Its own test tells of a failure.
      running.catch(() => undefined);
      runs.set(each, running);
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
        const running = runs.get(each);
        if (running === undefined) throw new Error('it did not run');
        const result = await running;
        await expectOf?.(each, result);
      },
      300_000,
    );
  });
}
