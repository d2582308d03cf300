import { ways } from '../support/kills.ts';
import { unhurried } from '../support/unhurried.ts';
import { both, command, onBlue, onGreen, to, version, type Case, type Step, type There } from './cases.ts';

/** A job that is cancelled, or killed, in each state of its course, and what the next one makes of it. */

/** Killed before it has ended, or after, as the machine has it. */
const kill = { interruptMilliseconds: 20, terminateMilliseconds: 20 };
/** The machine that runs all these cases is slower than a runner. */
const patient = { interruptMilliseconds: 30_000, terminateMilliseconds: 5000 };
/** What is seen when the course is in each of its states. */
const states: [state: string, line: RegExp][] = [
  ['launching', /launching 2 instances/],
  ['shifting', /weights: 10 % to/],
  ['baking', /weights: 100 % to/],
];
const quick = { 'step-time': '120', 'bake-time': '30' };

const cancelled: Case[] = states.map(([state, line]) => ({
  title: `a job that is cancelled while ${state}: the requests are back, the new fleet goes, and a rerun gets through`,
  steps: [
    {
      run: to(version.good, quick, { cancelOn: line, cancelTimes: patient }),
      ends: 'cancelled',
      there: onBlue(1),
      says: [/the job was cancelled/],
    },
    { run: to(version.good, { 'traffic-steps': '100' }), ends: 'deployed', there: onGreen(version.good) },
  ],
}));

const killed: Case[] = states.map(([state, line]) => ({
  title: `a job that is killed while ${state}: its post step takes it back, and a rerun gets through`,
  steps: [
    {
      run: to(version.good, quick, { cancelOn: line, cancelTimes: ways.killed }),
      ends: 'killed',
      there: onBlue(1),
    },
    { run: to(version.good, { 'traffic-steps': '100' }), ends: 'deployed', there: onGreen(version.good) },
  ],
}));

const left: Case[] = [
  {
    title: 'a job that is cancelled leaves things as they are when told so, and the same deployment goes on',
    steps: [
      {
        run: to(
          version.good,
          { 'traffic-steps': '10, 100', 'step-time': '6000', 'on-cancel': 'leave' },
          { cancelOn: /weights: 10 % to/, cancelTimes: patient },
        ),
        ends: 'cancelled',
        there: both([90, 10], 1, version.good),
        says: [/as on-cancel says: the same deployment or the command promote goes on, abort takes it back/],
      },
      { run: to(version.good, quick), ends: 'deployed', there: onGreen(version.good) },
    ],
  },
  {
    title: 'what a killed job left is taken back by abort from another machine',
    steps: [
      {
        run: to(
          version.good,
          { ...quick, 'on-cancel': 'leave' },
          { cancelOn: /weights: 100 % to/, cancelTimes: kill },
        ),
        ends: 'killed or cancelled',
        there: both([0, 100], 1, version.good),
      },
      { run: command('abort'), ends: 'aborted', there: onBlue(1) },
    ],
  },
];

const rerun: Step = {
  run: to(version.good, { 'traffic-steps': '100' }),
  ends: 'deployed',
  there: onGreen(version.good),
};

/** States that a course is in for moments, or seldom. */
export const rarer: Case[] = [
  {
    title: 'a job that is cancelled at its second step: the requests are back, and a rerun gets through',
    steps: [
      {
        run: to(version.good, quick, { cancelOn: /weights: 50 % to/, cancelTimes: patient }),
        ends: 'cancelled',
        there: onBlue(1),
      },
      rerun,
    ],
  },
  {
    title: 'a job that is killed at its second step: its post step takes it back, and a rerun gets through',
    steps: [
      {
        run: to(version.good, quick, { cancelOn: /weights: 50 % to/, cancelTimes: kill }),
        ends: 'killed or cancelled',
        there: onBlue(1),
      },
      rerun,
    ],
  },
  {
    title: 'a job that is killed while it takes a bad version back: its post step ends that',
    steps: [
      {
        run: to(version.failing, {}, { cancelOn: /rolling back to version 1/, cancelTimes: kill }),
        ends: 'killed or cancelled',
        there: onBlue(1),
      },
      rerun,
    ],
  },
  {
    title: 'a job that is killed while a kept fleet is emptied first touches nothing that serves',
    steps: [
      {
        run: to(version.good, { 'keep-previous': 'true', 'traffic-steps': '100' }),
        ends: 'deployed',
        there: both([0, 100], 1, version.good),
      },
      {
        run: to(version.next, quick, { cancelOn: /emptying bg-\d+-dev first/, cancelTimes: kill }),
        ends: 'killed or cancelled',
        there: onGreen(version.good),
      },
      { run: to(version.next, { 'traffic-steps': '100' }), ends: 'deployed', there: onBlue(version.next) },
    ],
  },
  {
    title: 'a rollback that is killed when it has the requests: they are back, and what it launched goes',
    steps: [
      rerun,
      {
        run: { ...command('rollback'), cancelOn: /weights: 100 % to/, cancelTimes: kill },
        ends: 'killed or cancelled',
        there: onGreen(version.good),
      },
      { run: command('rollback'), ends: 'deployed', there: onBlue(1) },
    ],
  },
];

/** A rollback brings the lower version: what is healthy stays with its requests, whatever the numbers say. */
const rollbacks: Case[] = [
  {
    title:
      'a rollback that is killed while launching: the newer version keeps the requests, and what came up goes',
    steps: [
      {
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'deployed',
        there: onGreen(version.good),
      },
      {
        run: { ...command('rollback'), cancelOn: /launching 2 instances/, cancelTimes: kill },
        ends: 'killed or cancelled',
        there: onGreen(version.good),
      },
    ],
  },
];

/** What a rollback was left in, which its versions alone would not tell. */
const leftRollback = (line: RegExp, there: There, then: Step, title: string): Case => ({
  title,
  service: unhurried.service,
  steps: [
    { run: to(version.good, { 'traffic-steps': '100' }), ends: 'deployed', there: onGreen(version.good) },
    {
      before: (service) => unhurried.before(service, 1),
      run: {
        ...command('rollback', { 'on-cancel': 'leave', 'smoke-test-path': '' }),
        ...{ cancelOn: line, cancelTimes: kill },
      },
      ends: 'killed or cancelled',
      there,
    },
    then,
  ],
});

/** Said when they were seen; what launches them is said before it is done. */
const isLaunched = /0 of 2 on version 1/;
const launchingBack = both([0, 100], 1, version.good);
rollbacks.push(
  leftRollback(
    isLaunched,
    launchingBack,
    { run: command('promote'), ends: 'deployed', there: onBlue(1), says: [/Going on with version 1/] },
    'a rollback that was left while launching is gone on with by promote',
  ),
  leftRollback(
    isLaunched,
    launchingBack,
    { run: command('abort'), ends: 'aborted', there: onGreen(version.good) },
    'a rollback that was left while launching is taken back by abort',
  ),
  leftRollback(
    /weights: 100 % to/,
    both([100, 0], 1, version.good),
    { run: command('rollback'), ends: 'deployed', there: onBlue(1), says: [/a rollback to it is under way/] },
    'a rollback that was left with all requests is ended by its rerun',
  ),
);

export const interrupted: Case[] = [...cancelled, ...killed, ...left, ...rollbacks];
