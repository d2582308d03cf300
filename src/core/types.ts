import type { Phase } from './phase.ts';

/** What each phase of a deployment hands to the next. Data flows one way: inputs → phases → report. */

/** Where the Terraform state is, and what locks it. */
export interface Backend {
  bucket: string;
  /** undefined when the user turned the lock table off; the native S3 lock is always on. */
  lockTable: string | undefined;
  stateKey: string;
  /** What this run had to make. */
  created: ('bucket' | 'table')[];
}

/** The lock of a Terraform state that a run takes. */
export interface OwnLock {
  /** Of the state, in its bucket. */
  key: string;
  /** Once it is certain which one that is. */
  id?: string;
  /** Of the Terraform that takes it. */
  pid: number;
}

/** One image in a registry, named by its content. */
export interface Image {
  /** Registry and repository without tag: 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop */
  repository: string;
  /** sha256:… */
  digest: string;
  /** The tag people speak of, or '' when the image was named by digest. */
  tag: string;
  /** repository@digest: what Terraform gets and what runs. */
  reference: string;
  /** False when the image existed and was neither built nor pushed. */
  built: boolean;
}

/** What a Terraform plan would do; numbers are resources. */
export interface PlanSummary {
  add: number;
  change: number;
  destroy: number;
  /** One line a resource: "~ aws_launch_template.service". */
  changes: string[];
  /** What changes within resources that stay, where the plan was read for it. */
  edits?: ResourceEdit[];
}

/** The attributes that a plan changes in one resource; values as JSON, none that is sensitive. */
export interface ResourceEdit {
  address: string;
  attributes: { name: string; from: string; to: string }[];
}

/** The contract: what a Terraform root must give for the action to deploy onto it, and the rest of its outputs. */
export interface TerraformOutputs {
  autoscalingGroupName: string;
  launchTemplateId: string;
  launchTemplateVersion: number;
  targetGroupArns: string[];
  url: string;
  repositoryUrl: string;
  alarmNames: string[];
  /** What a blue/green rollout moves; undefined where the group is rolled. */
  blueGreen?: BlueGreenOutputs | undefined;
  /** Every non-sensitive output by its Terraform name. */
  all: Record<string, unknown>;
}

/** Two groups behind one rule of the load balancer, whose weights say which of them gets how many of the requests. */
export interface BlueGreenOutputs {
  /** Its forward action carries the weights of both target groups. */
  listenerRuleArn: string;
  /** Forwards what has the preview header to the group that is to come; matches nothing between rollouts. */
  previewRuleArn: string;
  /** The name of that header; its value is made anew for each rollout. */
  previewHeader: string;
  /** Blue first: the group that was there before. */
  groups: readonly [ColouredGroup, ColouredGroup];
  /** The sizes that the live group has between rollouts. */
  capacity: { min: number; max: number };
}

/** One of the two groups, with the target group that it alone fills. */
export interface ColouredGroup {
  autoscalingGroupName: string;
  targetGroupArn: string;
}

/** How a rollout ended. */
export type RolloutStatus =
  | 'first-deployment'
  | 'unchanged'
  | 'successful'
  | 'partly-replaced'
  /** The version is saved, and the group wants no instance: nothing was seen to serve. */
  | 'no-instances'
  /** It waits for a person: both versions serve. */
  | 'paused'
  | 'rolled-back'
  | 'failed'
  | 'cancelled';

/** How long a rollout would take, in seconds, and what most of that is: "3 min are warmup", or ''. */
export interface Estimate {
  seconds: number;
  mostly: string;
}

/** A figure over time: seconds since the start and the value from then on, in order. */
export interface Series {
  name: string;
  points: [seconds: number, value: number][];
}

/** Something that lasted for a while, in seconds since the start. Spans of one row follow each other. */
export interface Span {
  row: string;
  name: string;
  from: number;
  to: number;
  /** `before`: it was there when it all began. */
  kind: 'stage' | 'before' | 'waiting' | 'working' | 'bad';
}

/** The course of a rollout in figures; of bounded size, whatever its length and however many instances it moves. */
export interface RolloutCourse {
  seconds: number;
  /** Instances that serve, of each version. */
  series: Series[];
  /** Instances that serve, in all; undefined where there is one version only. */
  total?: Series;
  spans: Span[];
  /** The fewest instances that were seen to serve, where some did before; `at` in seconds since the start. */
  fewest?: { serving: number; desired: number; at: number };
}

/** What a rollout came to, for the report. */
export interface RolloutResult {
  status: RolloutStatus;
  instanceRefreshId: string | undefined;
  templateVersion: number;
  previousTemplateVersion: number | undefined;
  /** Instance ids in the order AWS lists them. */
  instancesBefore: string[];
  instancesAfter: string[];
  /** Those of instancesAfter that keep another version, where the last checkpoint says so. */
  outdatedInstances?: string[];
  /** What was estimated before it began; undefined where nothing had to be done. */
  estimate: Estimate | undefined;
  /** Seconds that it took. */
  seconds: number;
  /** What became of the requests, where they were shifted. */
  traffic?: TrafficRecord;
  /** What was seen of it; undefined where nothing was watched. */
  course?: RolloutCourse;
}

/** How the requests were shifted, and what was seen meanwhile. Seconds are since the rollout began. */
export interface TrafficRecord {
  /** Each change of the weights. */
  shifts: TrafficShift[];
  /** What each weight was judged to be. */
  judgements: TrafficJudgement[];
  /** What was measured, a minute each. */
  minutes: TrafficMinuteRecord[];
  /** From the verdict that took the requests back to the weights that did. */
  secondsToUndo?: number;
}

export interface TrafficShift {
  seconds: number;
  /** Per cent of the requests that the new version gets from here on. */
  weight: number;
}

export interface TrafficJudgement {
  seconds: number;
  weight: number;
  verdict: string;
  /** In words, with figures. */
  because: string;
}

/** Requests and errors of both versions in one minute. */
export interface TrafficMinuteRecord {
  /** ISO 8601, by AWS's clock. */
  start: string;
  weight: number;
  previous: TrafficFigures;
  current: TrafficFigures;
}

export interface TrafficFigures {
  requests: number;
  errors: number;
  /** Seconds at the percentile that is told; undefined where nothing was measured. */
  latency: number | undefined;
}

/** A phase that has ended, well or not, and the seconds that it took. */
export interface PhaseTime {
  name: Phase;
  seconds: number;
}

/** Two commits of a repository, 40 hex digits each, as GitHub compares them. */
export interface Comparison {
  base: string;
  head: string;
}

/** What came and what went between two commits of a repository. */
export interface CommitRange {
  /** What the newer state has, and the older has not. */
  added: Commits;
  /** What the older state had, and the newer has not: on the way back, or where two branches take turns. */
  removed: Commits;
}

export interface Commits {
  total: number;
  /** Newest first; of many, not all. */
  newest: Commit[];
}

export interface Commit {
  /** 40 hex digits. */
  sha: string;
  /** The first line of its message. */
  subject: string;
  /** Login at GitHub, or the name that git has; '' where neither is known. */
  author: string;
}
