import { expect } from '@jest/globals';
import { expectGranted } from '../support/granted.ts';
import type { Service } from '../support/fleet.ts';
import { rollOut } from '../support/rollout.ts';
import type { Rollout, RolloutOptions } from '../support/rollout.ts';
import { unhurried } from '../support/unhurried.ts';
import type { Case, End } from './cases.ts';

/** Rollouts that wait for a person, and what the next process makes of them, through the built action. */

const five = { instances: 5, drain: 10 };
const pausing = { inputs: { 'pause-at': '20' } };
const half = { '1': 4, '2': 1 };

/** One of five runs version 2, and the group launches version 1. */
const paused = (change: Partial<End> = {}): End => ({
  ...{ exit: 0, status: 'paused', reason: '', refreshes: ['Successful'], versions: half, saved: '1' },
  ...change,
});

/** A process before the one that is tested: each knows nothing but what AWS says. */
async function first(service: Service, options: RolloutOptions, ends: string): Promise<Rollout> {
  const result = await rollOut(service, options);
  const { status = 'killed', 'failure-reason': reason } = result.outputs;
  if (![status, reason].includes(ends)) throw new Error(`instead of ${ends}:\n${result.log}`);
  return result;
}

const pause = (service: Service) => first(service, pausing, 'paused');

const command = (name: string, inputs: Record<string, string> = {}): RolloutOptions => ({
  inputs: { command: name, 'template-version': '', ...inputs },
});

const roller = { environment: { AWS_ACCESS_KEY_ID: 'pausing-roller' } };

export const pauses: Case[] = [
  {
    title: 'a pause is seen by status, with the share of the new version',
    service: five,
    async before(service) {
      const { log } = await pause(service);
      expect(log).toMatch(/! at 20 % \(1 of 5 instances\) it waits for the command promote or abort/);
      expect(log).toMatch(
        /Paused case-\d+ in dev: version 2 .* runs on 1 of 5 instances \(20 %\)\. The command promote/,
      );
    },
    run: command('status'),
    ends: paused({ status: 'reported' }),
    says: [
      /version 2 runs on 1 of 5 instances \(20 %\) and waits for a person; the group launches version 1/,
      /the command promote goes on with it, abort takes it back/,
    ],
    after(_, { outputs }) {
      const { unfinished } = JSON.parse(outputs.running ?? '') as { unfinished: object };
      expect(unfinished).toMatchObject({ state: 'paused', version: 2, previousVersion: 1, share: 20 });
    },
  },
  {
    title: 'a pause is passed by promote with the same inputs',
    service: five,
    before: pause,
    run: command('promote', { 'pause-at': '20' }),
    ends: {
      ...paused(),
      status: 'deployed',
      refreshes: ['Successful', 'Successful'],
      versions: { '2': 5 },
      saved: '2',
    },
    says: [/Going on with version 2/],
  },
  {
    title: 'a pause is in the way of another version, and is taken back by abort',
    service: { ...five, versions: 3 },
    async before(service) {
      await pause(service);
      const { log, ...there } = await first(service, { version: 3 }, 'refresh-active');
      expect(log).toMatch(/a rollout of version 2 waits for a person/);
      expect(there).toMatchObject({ versions: half, saved: '1' });
    },
    run: command('abort'),
    ends: { ...paused(), status: 'aborted', refreshes: ['Successful', 'Successful'], versions: { '1': 5 } },
    says: [/Took the rollout of case-\d+ in dev back: all 5 instances run version 1 again/],
  },
  {
    title: 'a job that is killed on its way to the pause: a rerun comes to it',
    service: { ...unhurried.service, ...five },
    async before(service) {
      await unhurried.before(service);
      const times = { interruptMilliseconds: 1, terminateMilliseconds: 1 };
      const leaving = { 'pause-at': '20', 'on-cancel': 'leave' };
      await rollOut(service, { inputs: leaving, cancelOn: /started instance refresh/, cancelTimes: times });
    },
    run: pausing,
    ends: paused(),
    // Its refresh may be over by then, or not.
    says: [/case-\d+-dev launches version 1 (?:again meanwhile|until the command promote goes on)/],
  },
  {
    title: 'a promotion that turns out bad leaves one version, and nothing is called that is not granted',
    service: five,
    async before(service) {
      await first(service, { ...pausing, ...roller }, 'paused');
      await service.fault({ bootFailure: 'pull' });
    },
    run: { ...command('promote'), ...roller },
    ends: {
      ...{ exit: 1, status: 'rolled-back', reason: 'boot-failed', versions: { '1': 5 }, saved: '1' },
      refreshes: ['Successful', 'RollbackSuccessful', 'Successful'],
    },
    says: [/rolled back: all 5 instances run version 1 again/],
    async after({ fleet }) {
      const { needed } = await expectGranted(fleet, 'pausing-roller');
      expect(needed).toContain('autoscaling:UpdateAutoScalingGroup');
    },
  },
];
