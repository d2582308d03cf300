import type {
  ActivityObservation,
  AlarmObservation,
  GroupObservation,
  HookObservation,
  RefreshObservation,
  RolloutTarget,
  TargetGroupObservation,
  TargetObservation,
} from '../model/index.ts';
import type { RolloutSettings } from '../plan/index.ts';
import type { LaunchedVersions } from './launched-versions.ts';

/** Something about the group that AWS would accept and then stall on, or never undo. */
export interface Finding {
  code: string;
  /** Errors stop the rollout before it starts; warnings are told and go on. */
  severity: 'error' | 'warning';
  what: string;
  why: string;
  fix: string;
}

export interface PreflightInput {
  group: GroupObservation;
  target: RolloutTarget;
  settings: RolloutSettings;
  targetGroups: TargetGroupObservation[];
  /** Target groups that the Terraform root names and the group is not attached to. */
  unattached: string[];
  targets: TargetObservation[];
  alarms: AlarmObservation[];
  hooks: HookObservation[];
  /** Past refreshes of the group, newest first. */
  refreshes: RefreshObservation[];
  /** Past activities of the group, newest first. */
  activities: ActivityObservation[];
  launched: LaunchedVersions;
}
