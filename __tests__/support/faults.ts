import type { FailureReason } from '../../src/core/index.ts';

/**
 * What each fault of the world makes a user see, and what it leaves. One list for docs/faults.md and for the tests, which
 * hold every row against a run: a row without a test does not compile. Plain English, no Markdown but `code`.
 */
export interface FaultRow {
  fault: string;
  /** '' where the run gets there all the same. */
  reason: FailureReason | '';
  /** A sentence of the log; … stands for what differs. */
  seen: string;
  left: Left;
}

/** What there is afterwards. */
export const lefts = {
  untouched: 'Nothing was touched: the version before serves.',
  undeployed:
    'No instance was touched. The image is in the registry, and the next run goes on from where Terraform stopped.',
  back: 'The version before serves again, on all instances.',
  through: 'The new version serves, on all instances.',
  unwatched:
    'The instance refresh goes on at AWS, and undoes itself there when it fails (`auto-rollback`). The job, run again, waits for it.',
  stays:
    'Both groups and the weights stay as they are. The same deployment goes on from there; `abort` takes it back.',
  others: 'It stays as somebody else has left it: the run touches nothing more.',
  mixed: 'The instances that were passed over keep the version before; the job, run again, replaces them.',
  empty: 'The group has no instance; the new version is what it launches next.',
  gone: 'The group is gone. The next deployment makes it again.',
  'both fail':
    'Fewer instances than wanted serve, and AWS goes on trying to bring the version before back: as soon as that can be launched, it is.',
} as const;

export type Left = keyof typeof lefts;

const clock = "this machine's clock is not right: AWS takes its requests for too old or too new";
const noDocker = {
  reason: 'docker-unavailable',
  seen: 'the Docker daemon does not answer',
  left: 'untouched',
} as const;

/** Before a rollout is begun: until then nothing that serves is touched. */
export const deploymentFaults = {
  expired: {
    fault: 'The credentials have expired',
    reason: 'credentials',
    seen: 'the AWS credentials have expired',
    left: 'untouched',
  },
  skewed: { fault: "The runner's clock is wrong", reason: 'credentials', seen: clock, left: 'untouched' },
  dockerDown: { fault: 'There is no Docker daemon', ...noDocker },
  dockerDiesInBuild: { fault: 'Docker dies while it builds', ...noDocker },
  dockerDiesInPush: { fault: 'Docker dies while it pushes', ...noDocker },
  ecrDown: {
    fault: 'ECR is down',
    reason: 'image-push',
    seen: 'the registry does not answer: ecr:DescribeRepositories failed: …',
    left: 'untouched',
  },
  deniedPush: {
    fault: 'The role may not push',
    reason: 'image-push',
    seen: 'the registry did not take …: denied: …',
    left: 'untouched',
  },
  expiredInPlan: {
    fault: 'The credentials expire while Terraform plans',
    reason: 'credentials',
    seen: 'the Terraform plan failed: …',
    left: 'undeployed',
  },
  deniedApply: {
    fault: 'The role may not make what Terraform applies',
    reason: 'terraform-apply',
    seen: 'the Terraform apply failed: …',
    left: 'undeployed',
  },
} as const satisfies Record<string, FaultRow>;

export type DeploymentFault = keyof typeof deploymentFaults;

/** The words that stand for every fault from which a run recovers by itself. */
const rolledOut = { reason: '', seen: 'AWS calls the refresh successful after …', left: 'through' } as const;
const shifted = {
  reason: '',
  seen: 'all requests go to the new version after …',
  left: 'through',
} as const;

const noStart = (why: string) =>
  ({ reason: 'boot-failed', seen: `the new version does not start: ${why}`, left: 'back' }) as const;
const unseen = { reason: 'credentials', left: 'unwatched' } as const;

export const rollingFaults = {
  throttled: { fault: 'AWS wants fewer calls, for a while', ...rolledOut },
  unavailable: { fault: 'AWS answers with 500s, for a while', ...rolledOut },
  lostStart: { fault: 'The refresh starts, and the answer to that is lost', ...rolledOut },
  lostRollback: {
    fault: 'A bad version is rolled back, and the answer to that is lost',
    ...noStart('the container exited with code 1 on …'),
  },
  lostCancel: {
    fault: 'With `on-active-refresh: replace`: the answer to the cancellation is lost',
    ...rolledOut,
  },
  renewed: { fault: 'The credentials expire, and can be renewed', ...rolledOut },
  expired: {
    fault: 'The credentials expire in the middle, for good',
    ...unseen,
    seen: 'the credentials ran out before the rollout could look at the instance refresh',
  },
  skewed: { fault: "The runner's clock is wrong from the middle on", ...unseen, seen: clock },
  deniedStart: {
    fault: 'The role may not start a refresh',
    reason: 'credentials',
    seen: 'the deploy role may not start an instance refresh',
    left: 'untouched',
  },
  deniedQuestions: {
    fault: 'The role loses the right to look at the refresh, in the middle',
    ...unseen,
    seen: 'the deploy role may not look at the instance refresh',
  },
  deniedRollback: {
    fault: 'The version is bad, and the role may not roll a refresh back',
    ...noStart('the container exited with code 1 on …'),
  },
  deniedWayBack: {
    fault: 'The version is bad, and the role may neither roll back, nor cancel, nor start a refresh any more',
    reason: 'rollback-failed',
    seen: 'THE ROLLBACK FAILED, the group may run both versions: the new version does not start: …',
    left: 'unwatched',
  },
  irreversible: {
    fault: 'The version is bad, and AWS can not roll this refresh back',
    ...noStart('the container exited with code 1 on …'),
  },
  noCapacity: {
    fault: 'EC2 has no capacity for new instances',
    reason: 'launch-failed',
    seen: "new instances can't be launched: AWS has no capacity for the instance type in the zone it was asked for (… tries)",
    left: 'back',
  },
  someCapacity: { fault: 'EC2 has no capacity for two minutes', ...rolledOut },
  noMachineImage: {
    fault: 'The machine image (AMI) was deregistered',
    reason: 'launch-failed',
    seen: "new instances can't be launched: the machine image (AMI) of the launch template does not exist (… tries)",
    left: 'back',
  },
  imageDeleted: {
    fault: 'The image is deleted before the instances have pulled it',
    ...noStart('the registry no longer has the image, on … new instances'),
  },
  registryDown: {
    fault: 'The registry is down, or the instances do not reach it',
    ...noStart("the image can't be pulled by … new instances"),
  },
  diskFull: {
    fault: 'The disk of the instances is full',
    ...noStart('the disk is full on … new instances'),
  },
  crashes: {
    fault: 'The container crashes on start',
    ...noStart('the container exited with code 1 on … new instances'),
  },
  neverHealthy: {
    fault: 'The load balancer never takes the new instances for healthy',
    reason: 'targets-unhealthy',
    seen: "the new version never becomes healthy: Auto Scaling replaced … new instances because the load balancer's health checks failed",
    left: 'back',
  },
  dies: {
    fault: 'New instances stop a minute after they ran',
    reason: 'boot-failed',
    seen: 'the new version does not stay up: Auto Scaling replaced … new instances because they stopped running',
    left: 'back',
  },
  hook: {
    fault: 'A launch hook hangs',
    reason: 'lifecycle-hook',
    seen: 'nobody completed the lifecycle hook warm-cache in time (300 s)',
    left: 'back',
  },
  alarm: {
    fault: 'A guard alarm goes off',
    reason: 'alarm',
    seen: 'the new version set off the alarm errors',
    left: 'back',
  },
  scaledOut: { fault: 'The group scales out in the middle', ...rolledOut },
  scaledIn: { fault: 'The group scales in, in the middle', ...rolledOut },
  scaledToNothing: {
    fault: 'The group is scaled to nothing in the middle',
    reason: 'no-instances',
    seen: 'AWS calls the refresh successful, but no instance was seen to serve: …',
    left: 'empty',
  },
  hostFails: { fault: 'An instance that serves dies in the middle', ...rolledOut },
  suspended: {
    fault: 'Somebody has suspended Launch',
    reason: 'preflight',
    seen: 'the process Launch of the group is suspended …',
    left: 'untouched',
  },
  suspendedMeanwhile: {
    fault: 'Somebody suspends Launch in the middle',
    reason: 'rollout-stalled',
    seen: 'the rollout does not move: nothing changed for …; Launch suspended on the group',
    left: 'back',
  },
  protectedMeanwhile: {
    fault: 'Somebody protects an instance from scale-in, in the middle',
    reason: 'outdated-instances',
    seen: 'AWS calls the refresh successful, but 1 of 3 instances do not run version …',
    left: 'mixed',
  },
  cancelledByOthers: {
    fault: 'Somebody cancels the refresh',
    reason: 'cancelled',
    seen: 'somebody else cancelled the instance refresh',
    left: 'back',
  },
  rolledBackByOthers: {
    fault: 'Somebody rolls the refresh back',
    reason: 'cancelled',
    seen: 'the instance refresh was rolled back, and not by this run',
    left: 'back',
  },
  overtaken: {
    fault: 'Somebody cancels the refresh and starts one to another version',
    reason: 'cancelled',
    seen: 'somebody else cancelled the instance refresh',
    left: 'others',
  },
  deleted: {
    fault: 'Somebody deletes the group',
    reason: 'group-missing',
    seen: 'the group … was deleted while it was rolled out to',
    left: 'gone',
  },
  noWayBack: {
    fault: 'The version is bad, and the one before can not be launched any more',
    reason: 'rollback-failed',
    seen: 'THE ROLLBACK FAILED, the group may run both versions: the new version does not start: …',
    left: 'both fail',
  },
} as const satisfies Record<string, FaultRow>;

export type RollingFault = keyof typeof rollingFaults;

const takenBack = {
  reason: 'cancelled',
  seen: 'the rollout was taken back by somebody else while this run was at it',
} as const;
const unled = { reason: 'credentials', left: 'stays' } as const;

export const blueGreenFaults = {
  throttled: { fault: 'AWS wants fewer calls, for a while', ...shifted },
  unavailable: { fault: 'AWS answers with 500s, for a while', ...shifted },
  lostOrders: { fault: 'Sizes, weights and tags are set, and the answers to that are lost', ...shifted },
  lostWayBack: {
    fault: 'A bad version is taken back, and the answers to that are lost',
    reason: 'judged-worse',
    seen: 'the new version is worse than the one before, which served the same minutes',
    left: 'back',
  },
  expired: {
    fault: 'The credentials expire in the middle, for good',
    ...unled,
    seen: 'the credentials ran out before the rollout could see both groups and their weights',
  },
  skewed: { fault: "The runner's clock is wrong from the middle on", ...unled, seen: clock },
  deniedLaunch: {
    fault: 'The role may not size the groups',
    ...unled,
    seen: 'the deploy role may not pin …',
  },
  deniedWeights: {
    fault: 'The role may not change the weights',
    ...unled,
    seen: 'the deploy role may not change the weights',
  },
  deniedMeanwhile: {
    fault: 'The role loses these rights in the middle',
    ...unled,
    seen: 'the deploy role may not change the weights',
  },
  noCapacity: rollingFaults.noCapacity,
  quota: {
    fault: 'The quota does not hold both fleets',
    reason: 'launch-failed',
    seen: "new instances can't be launched: the account's quota of running instances is used up, and does not hold both fleets, …",
    left: 'back',
  },
  imageDeleted: rollingFaults.imageDeleted,
  diskFull: rollingFaults.diskFull,
  crashes: rollingFaults.crashes,
  neverHealthy: {
    fault: 'The load balancer never takes the new instances for healthy',
    reason: 'targets-unhealthy',
    seen: 'the new version does not become healthy: it answers /healthz with 503, on … new instances',
    left: 'back',
  },
  hook: rollingFaults.hook,
  alarm: rollingFaults.alarm,
  worse: {
    fault: 'The new version fails more requests than the one before',
    reason: 'judged-worse',
    seen: 'the new version is worse than the one before, which served the same minutes',
    left: 'back',
  },
  scaledOut: { fault: 'The group that serves scales out in the middle', ...shifted },
  hostFails: { fault: 'An instance that serves dies in the middle', ...shifted },
  emptied: { fault: 'Somebody empties the new group before it has requests', ...takenBack, left: 'others' },
  emptiedWithRequests: {
    fault: 'Somebody empties the new group while it has requests',
    ...takenBack,
    left: 'back',
  },
  weightsBack: { fault: 'Somebody gives the old version all requests', ...takenBack, left: 'others' },
  otherVersion: { fault: 'Somebody has the new group launch another version', ...takenBack, left: 'others' },
  ruleGone: {
    fault: 'Somebody deletes the rule that carries the weights',
    reason: 'preflight',
    seen: 'the rule of the load balancer that carries the weights of both groups is gone, or forwards nothing',
    left: 'stays',
  },
} as const satisfies Record<string, FaultRow>;

export type BlueGreenFault = keyof typeof blueGreenFaults;

/** Finds the sentence of a row in a log. */
export function patternOf({ seen }: Pick<FaultRow, 'seen'>): RegExp {
  // eslint-disable-next-line security/detect-non-literal-regexp -- of the sentences above, escaped
  return new RegExp(
    seen
      .split('…')
      .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*?'),
  );
}
