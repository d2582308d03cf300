import type { DesiredConfiguration, RefreshPreferences } from '@aws-sdk/client-auto-scaling';
import type { ImageState } from '../../image/index.ts';
import type {
  ActivityObservation,
  AlarmObservation,
  ForwardRuleObservation,
  GroupObservation,
  HookObservation,
  ImageOutlook,
  RefreshObservation,
  RolloutMark,
  RunningInstance,
  ScheduledActionObservation,
  TargetGroupObservation,
  TargetObservation,
  TemplateObservation,
  TrafficMinute,
} from '../model/index.ts';

/** Everything the rollout asks of AWS. One implementation talks to AWS (aws.ts); tests bring their own fleet. */
export interface RolloutApi {
  /** undefined when there is no such group. */
  group(name: string): Promise<GroupObservation | undefined>;
  /** One call; undefined when AWS does not know the id (yet). */
  refresh(group: string, id: string): Promise<RefreshObservation | undefined>;
  /** The newest refreshes, newest first. */
  refreshes(group: string): Promise<RefreshObservation[]>;
  /** Activities that began at `since` or later, newest first; stops paging at an activity in `known`. */
  activities(
    group: string,
    since: Date | undefined,
    known?: ReadonlySet<string>,
  ): Promise<ActivityObservation[]>;
  /** The newest hundred, newest first. */
  recentActivities(group: string): Promise<ActivityObservation[]>;
  targets(targetGroupArns: string[]): Promise<TargetObservation[]>;
  targetGroups(targetGroupArns: string[]): Promise<TargetGroupObservation[]>;
  /**
   * Minutes of target groups that began at `since` or later, which is AWS's time, oldest first. Only those that are
   * complete: the newest that AWS has published is left out, so that one comes about two minutes after its end.
   */
  traffic(targetGroupArns: readonly string[], since: Date): Promise<TrafficMinute[]>;
  alarms(names: string[]): Promise<AlarmObservation[]>;
  hooks(group: string): Promise<HookObservation[]>;
  /** The console as it is now; '' when there is none yet. */
  console(instanceId: string): Promise<string>;
  /** undefined when the version does not exist. */
  templateVersion(templateId: string, version: number): Promise<TemplateObservation | undefined>;
  /** Whether the registry has `repository@digest`. */
  imageState(reference: string): Promise<ImageState>;
  /** How long the lifecycle policy of its repository leaves an image there; undefined when nothing takes it. */
  imageOutlook(reference: string): Promise<ImageOutlook | undefined>;

  /** undefined when there is no such rule, or it forwards nothing. */
  forwardRule(ruleArn: string): Promise<ForwardRuleObservation | undefined>;
  /** The value of the header that the preview rule is open for; undefined while it is closed. */
  previewKey(ruleArn: string): Promise<string | undefined>;
  /** Actions by the calendar that are still to come. */
  scheduledActions(group: string): Promise<ScheduledActionObservation[]>;

  /** vCPUs that the account may run at once by this quota of EC2; undefined where AWS has no value for it. */
  vcpuQuota(code: string): Promise<number | undefined>;
  /** What runs or starts in the account's region, but for what is on dedicated hardware. */
  runningInstances(): Promise<RunningInstance[]>;
  /** vCPUs by instance type; a type that AWS does not know is left out. */
  vcpus(instanceTypes: readonly string[]): Promise<Record<string, number>>;

  /** Gives the target groups of a rule's forward action these weights; its other actions stay. May be repeated. */
  setForwardWeights(ruleArn: string, weights: Readonly<Record<string, number>>): Promise<void>;
  /** Opens the preview rule for requests with this value of the header, or closes it for all. May be repeated. */
  setPreview(ruleArn: string, to: PreviewRequest): Promise<void>;
  /** Tags a group with what a rollout brings into it, or takes that tag away. May be repeated. */
  setRolloutTo(group: string, mark: RolloutMark | undefined): Promise<void>;
  /** Changes what is given of a group's sizes and of what it launches. May be repeated. */
  setSizes(group: string, to: SizesRequest): Promise<void>;

  /** Returns the refresh's id. */
  start(request: StartRequest): Promise<string>;
  cancel(group: string): Promise<void>;
  rollBack(group: string): Promise<void>;
  /** Forgets clients and their credentials, after AWS said that these have expired. */
  renewCredentials(): void;
}

export interface PreviewRequest {
  header: string;
  /** undefined closes it. */
  value: string | undefined;
  targetGroupArn: string;
}

export interface SizesRequest {
  minSize?: number;
  maxSize?: number;
  desired?: number;
  configuration?: DesiredConfiguration;
}

export interface StartRequest {
  group: string;
  desiredConfiguration: DesiredConfiguration;
  preferences: RefreshPreferences;
}
