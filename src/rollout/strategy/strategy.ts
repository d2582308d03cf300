import type {
  Estimate,
  Image,
  Notice,
  RolloutResult,
  TerraformOutputs,
  TrafficRecord,
} from '../../core/index.ts';
import type { SavedRollout } from '../../github/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import type { RolloutContext } from '../context/index.ts';
import type { Diagnosis, GroupObservation, RolloutProgress } from '../model/index.ts';
import type { MonitorEnd, MonitorRequest } from '../monitor/index.ts';
import type { GroupSnapshot, KeepsRequests, NextAction, RolloutSettings } from '../plan/index.ts';
import type { Finding } from '../preflight/index.ts';
import type { RolloutSmokeTest } from '../smoke-test/index.ts';

/** A rollout that has begun: what is needed to end it, whichever way it goes. */
export interface ActiveRollout {
  context: RolloutContext;
  /** The group as it was before: what is gone back to. */
  before: GroupObservation;
  /** What was asked of AWS. */
  settings: RolloutSettings;
  /** AWS's id of what moves the group; undefined where nothing had to be moved. */
  id: string | undefined;
  /** Clock seconds at which it began, after whatever had to be waited for. */
  begunAt: number;
  estimate: Estimate | undefined;
  keeps?: KeepsRequests;
  /** What became of the requests, where they were shifted. */
  traffic?: TrafficRecord;
}

/** What a rollout will take, and how much of the fleet is new at first. */
export interface Forecast extends Estimate {
  /** Instances that come at a time, and the most that there are then. */
  atATime: number;
  highestCapacity: number;
}

/** What was tried to bring the old version back, and what was seen of it. */
export interface RollbackOutcome {
  /** Whether the old version was seen to be back, was not, or nobody waited (no rollback is wanted, or it goes on). */
  kind: 'rolled-back' | 'rollback-failed' | 'left';
  /** How things were left: text for the report, and the ids of the group's instances in AWS's order. */
  left: StateLeft;
  /** Why a rollback failed; '' otherwise. */
  why: string;
  /** What shows it, and what brings the old version back, where that is known. */
  evidence?: Diagnosis['evidence'];
  next?: string;
}

/** The state things were left in, for the report. */
export interface StateLeft {
  text: string;
  /** Ids of the group's instances, in AWS's order; none when the group could not be read. */
  instances: readonly string[];
  /** What became of the rollback, where the text begins by saying so. */
  rollback?: 'done' | 'not-done';
}

/** Somebody else has taken a rollout back when it was proven, and nothing more is done. */
export interface TakenBack {
  diagnosis: Diagnosis;
  left: StateLeft;
}

/** What an abort came to. */
export interface Aborted {
  result: RolloutResult;
  /** What was found, and what was left. */
  found: string;
  left: string;
}

/** What settling a concurrent rollout came to. */
export type Concurrent =
  /** None is in the way. */
  | { kind: 'clear' }
  /** One was: everything has to be read again. */
  | { kind: 'changed' }
  /** One brings the same version, and is taken for this run's own. */
  | { kind: 'adopted'; id: string };

/**
 * One way to move a service from a template version to another: snapshot → preflight → start → monitor → finish or
 * undo. The driver calls it in that order (roll-out.ts, then replace.ts or initial.ts, then finish.ts or
 * unsuccessful.ts); the monitor, the verdict, the diagnosis and the report serve all of them; what a
 * strategy knows of its own rollout stays behind `P`. The truth is always what AWS says, never a note of ours.
 */
export interface Strategy<P extends RolloutProgress = RolloutProgress> {
  name: string;
  /** What AWS calls a rollout of this kind, for people: "instance refresh". */
  noun: string;
  /** The command that shows a person how the rollouts of a group stand. */
  inspectCommand: (group: string) => string;
  /** How it says that a rollout came to its end: "AWS calls the refresh successful". */
  success: string;
  /** What becomes of a rollout that was begun and that this run can't see any more. */
  unwatched: string;
  /** Whether it asks a version alone before that has requests: then nothing is asked while versions are mixed. */
  previews?: boolean;
  /** Whether it only goes from one version to another, and replaces no instance by one of the same version. */
  movesOnly?: boolean;
  /** Seconds after which AWS itself ends a rollout that does not move; undefined where it never does. */
  givesUpAfter?: number;

  /** Everything that is known before anything is done. Reads only. */
  snapshot(context: RolloutContext, outputs: TerraformOutputs): Promise<GroupSnapshot>;
  /**
   * Does with somebody else's rollout what on-active-refresh says.
   * @throws DeployError `refresh-active`, `superseded`
   */
  settleConcurrent(context: RolloutContext, snapshot: GroupSnapshot, since: Date): Promise<Concurrent>;
  /** What has to be done. Pure. */
  nextAction(snapshot: GroupSnapshot, context: RolloutContext): NextAction;
  /** What stands against a rollout now, errors first. Reads only. */
  preflight(context: RolloutContext, snapshot: GroupSnapshot): Promise<Finding[]>;

  /** Says what the rollout will do. */
  announce(context: RolloutContext, snapshot: GroupSnapshot, image: Image | undefined): Forecast;
  /** Begins, exactly once; the id, or undefined when somebody else came first. */
  start(
    context: RolloutContext,
    snapshot: GroupSnapshot,
    settings: RolloutSettings,
  ): Promise<string | undefined>;
  /** How a rollout is asked how it stands, and taken on where AWS does not do that by itself. */
  progress(
    active: ActiveRollout,
    on: { snapshot: GroupSnapshot; smokeTest: RolloutSmokeTest | undefined },
  ): Pick<MonitorRequest<P>, 'what' | 'read' | 'advance' | 'longestPause'>;
  /**
   * Whether a rollout that came to its end waits for a person there; then it leaves nothing behind that would go on
   * without one.
   */
  pause?(active: ActiveRollout, ended: P): Promise<boolean>;
  /** What is left to do when the version was seen to serve, moved or not; nothing that it does can be undone in seconds. */
  conclude?(active: ActiveRollout): Promise<TakenBack | undefined>;

  /** Words for a rollout that AWS, or somebody else, has ended without success. */
  diagnoseEnd(active: ActiveRollout, end: Extract<MonitorEnd<P>, { kind: 'ended' }>): Promise<Diagnosis>;
  /**
   * Brings the old version back, and monitors that to its end, where `settings.autoRollback` says so; else stops what
   * must not go on. `ended` is how the rollout ended at AWS; undefined while it still goes on there.
   */
  undo(active: ActiveRollout, ended: P | undefined): Promise<RollbackOutcome>;
  /** The job was cancelled and there are seconds: orders what on-cancel says, and tells it in half a sentence. */
  orderOnCancel(active: ActiveRollout): Promise<string>;
  /**
   * The run was killed: does what on-cancel promised, if the run could not, and says how its rollout stands. One that
   * another run started is never touched.
   */
  settleInterrupted(api: RolloutApi, rollout: SavedRollout, onCancel: 'rollback' | 'leave'): Promise<Notice>;
}
