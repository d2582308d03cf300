import type { CancelTimes } from '../../../scripts/runner/process.ts';

/** Jobs that end in the middle, as data: what both tables of tests try, and what the documentation tells of it. */

export interface KillRow {
  /** What happened to the job. */
  fault: string;
  /** What the user reads. */
  seen: string;
  /** What is at AWS afterwards, and what the next run makes of it. */
  left: string;
}

/** How a job ends. */
export type Way = keyof typeof ways;

/** Patience: the machine that runs many jobs at once is slower than a runner. */
const patience = 30_000;

export const ways = {
  /** As GitHub does it: SIGINT first. */
  cancelled: { interruptMilliseconds: patience, terminateMilliseconds: 5_000 },
  /** As `kill`, systemd and Kubernetes do it. */
  terminated: { terminateMilliseconds: patience },
  /** Out of memory, or a runner that is gone: nothing is told before. */
  killed: {},
  /** Only the action's own process, as the kernel does it that has no memory left: what it started goes on. */
  alone: { processAlone: true },
} as const satisfies Record<string, CancelTimes>;

/** A state of a run, as the end of the sentence "The job is cancelled or killed …". */
type Moments = Record<string, Pick<KillRow, 'seen' | 'left'>>;

/** Of a rolling rollout. */
export const rolloutMoments = {
  'before AWS has begun the rollout': {
    seen: '`cancelled`: nothing was begun; after a kill, the post step says that no instance was touched',
    left: 'The version before, untouched. The next run rolls out.',
  },
  'while AWS is asked to begin the rollout': {
    seen: '`cancelled`; the rollback is ordered by the step, or by its post step',
    left: 'AWS goes back to the version before, without the job. The next run rolls out.',
  },
  'while new instances start': {
    seen: '`cancelled`; the rollback is ordered by the step, or by its post step',
    left: 'AWS goes back to the version before, without the job. The next run rolls out.',
  },
  'in a pause at a checkpoint': {
    seen: '`cancelled`; the rollback is ordered by the step, or by its post step',
    left: 'AWS replaces what was new by the version before. The next run rolls out.',
  },
  'in the bake time': {
    seen: '`cancelled`; the rollback is ordered by the step, or by its post step',
    left: 'AWS replaces all instances by the version before. The next run rolls out.',
  },
  'when AWS calls the rollout successful': {
    seen: '`deployed` or `cancelled`; after a kill, the post step says that the new version serves',
    left: 'The new version serves. The next run finds it, or rolls out again.',
  },
  'on the way back from a bad version': {
    seen: 'why the version was bad; after a kill, the post step says how far the way back is',
    left: 'AWS goes back to the version before, without the job. The next run rolls out what it was told to.',
  },
} as const satisfies Moments;

export type RolloutMoment = keyof typeof rolloutMoments;

const nothing = 'Nothing. The next run begins anew.';
const lockOfOurs = 'post step: the lock was released, or whose it is and the command that releases it';

/** Of the rest of a deployment, whose infrastructure may be there already. */
export const deploymentMoments = {
  'while credentials are asked for': { seen: '`cancelled`', left: nothing },
  'while the state bucket is made': {
    seen: '`cancelled`; the next run says that it completes what was begun',
    left: 'A bucket that bears the tag of something unfinished; the next run sets on it what is missing.',
  },
  'while the lock table is made': {
    seen: '`cancelled`; the next run says that it completes what was begun',
    left: 'A table that bears the tag of something unfinished; the next run completes it.',
  },
  'while Terraform is initialised': { seen: '`cancelled`', left: nothing },
  'while the image is built': { seen: '`cancelled`', left: nothing },
  'while the image is pushed': {
    seen: '`cancelled`',
    left: 'Layers, or the whole image, in the registry. The next run pushes what is missing.',
  },
  'while Terraform plans': {
    seen: `\`cancelled\`: Terraform gives its lock back; after a kill, ${lockOfOurs}`,
    left: 'The infrastructure as it was. The next run plans.',
  },
  'while Terraform applies': {
    seen: `\`cancelled\`: what was changed, and that the state is saved; after a kill, ${lockOfOurs}`,
    left: 'Instances as they were. The next run goes on from there. What a Terraform made in its last seconds that was killed without a cancel may be missing in the state: the next run names it, and how it is imported.',
  },
  'while Terraform saves its state': {
    seen: `\`cancelled\`: that the state is saved; after a kill, ${lockOfOurs}`,
    left: 'Instances as they were. The next run plans again, and finds what was changed.',
  },
  'while Terraform gives its lock back': {
    seen: `\`cancelled\`; after a kill, ${lockOfOurs}`,
    left: 'Infrastructure and state as applied, instances as they were. The next run rolls out.',
  },
  'between the apply and the rollout': {
    seen: '`cancelled`; after a kill, the post step says that no instance was touched',
    left: 'Infrastructure as applied, instances as they were. The next run rolls out.',
  },
  'when all is done but the report': {
    seen: '`deployed` or `cancelled`; after a kill, the post step says that the new version serves',
    left: 'The new version serves. The next run finds it.',
  },
} as const satisfies Moments;

export type DeploymentMoment = keyof typeof deploymentMoments;

/** Every row, in the order of a deployment. */
export const killRows: readonly KillRow[] = [
  ...Object.entries({ ...deploymentMoments, ...rolloutMoments }).map(([moment, row]) => ({
    fault: `The job is cancelled or killed ${moment}`,
    ...row,
  })),
  {
    fault: "The action's own process is killed, out of memory, while Terraform works",
    seen: 'The post step waits until Terraform has ended its work, and says that no lock is held',
    left: 'The state is whole and the lock given back. The next run goes on from there.',
  },
];
