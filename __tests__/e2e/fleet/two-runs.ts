import { expect } from '@jest/globals';
import type { Service } from '../support/fleet.ts';
import { rollOut } from '../support/rollout.ts';
import type { Rollout } from '../support/rollout.ts';
import { deployed, refused } from './cases.ts';
import type { Case } from './cases.ts';

/** Two runs of one environment at once: they never interleave, whatever the second one's policy. */

const slow = { secondsToHealthy: 3000 };
const service = { drain: 10, versions: 3, group: { HealthCheckGracePeriod: 36_000 } };
const firstRuns = new Map<Service, Promise<Rollout>>();

/** The first of the two runs, to version 2; resolves when its rollout has begun. */
async function begin(of: Service): Promise<void> {
  await of.fault(slow);
  await new Promise<void>((begun) => {
    const run = rollOut(of, { when: [[/started instance refresh/, async () => begun()]] });
    firstRuns.set(of, run);
    void run.finally(begun);
  });
}

const first = async (of: Service): Promise<Rollout> => {
  const run = await firstRuns.get(of);
  if (run === undefined) throw new Error('there was no first run');
  return run;
};

export const twoRuns: Case[] = [
  {
    title: 'the second waits, and goes after the first',
    service,
    before: begin,
    run: { version: 3 },
    ends: deployed({ refreshes: ['Successful', 'Successful'], versions: { '3': 2 }, saved: '3' }),
    says: [/waiting for it to end/, /template version 2 → 3/],
    after: async (of) => expect((await first(of)).outputs.status).toBe('deployed'),
  },
  {
    title: 'the second adopts what the first brings, and both succeed with one refresh',
    service,
    before: begin,
    run: { inputs: { 'on-active-refresh': 'adopt' } },
    ends: deployed(),
    says: [/brings the same version: watching that one/],
    after: async (of) => expect((await first(of)).outputs.status).toBe('deployed'),
  },
  {
    title: 'the second fails, and the first goes on',
    service,
    before: begin,
    run: { version: 3, inputs: { 'on-active-refresh': 'fail' } },
    ends: refused('refresh-active', { refreshes: ['InProgress'], versions: { '1': 2, '2': 2 } }),
    says: [/the other refresh goes on; version 3 was not rolled out/],
    after: async (of) => expect((await first(of)).outputs.status).toBe('deployed'),
  },
  {
    title: 'the second replaces the first, which leaves the group to it',
    service,
    before: begin,
    run: { version: 3, inputs: { 'on-active-refresh': 'replace' } },
    ends: deployed({ refreshes: ['Successful', 'Cancelled'], versions: { '3': 2 }, saved: '3' }),
    says: [/cancelling it, as on-active-refresh says/],
    after: async (of) => {
      const { log, exitCode } = await first(of);
      expect(exitCode).toBe(1);
      expect(log).toMatch(/somebody else cancelled the instance refresh/);
    },
  },
];
