import type { Clock } from '../../core/index.ts';
import type { Run } from '../../run/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import type { RolloutTarget } from '../model/index.ts';
import type { CourseRecorder } from './course.ts';

/** What a diagnosis calls things. */
export interface DiagnosisNames {
  /** The version whose instances come up: "the new version", or "version 41" on the way back. */
  version: string;
  /** "new instances" */
  instances: string;
  application: string;
  environment: string;
  /** Where the container is asked whether it is well, or ''. */
  healthPath: string;
  /** A whole fleet comes up beside the one that serves. */
  bothFleets?: boolean;
}

/** What every step of one rollout works with. */
export interface RolloutContext {
  run: Pick<Run, 'inputs' | 'log' | 'signal'>;
  api: RolloutApi;
  clock: Clock;
  /** The group that is looked at: where instances of the new version come up. */
  group: string;
  /** All groups of the service, where there are several. */
  groups?: readonly string[];
  target: RolloutTarget;
  names: DiagnosisNames;
  /** Clock seconds at which the rollout began, and at which its time is up. */
  startedAt: number;
  /** What is seen over time, for the report. */
  course: CourseRecorder;
  /** What was warned about already. */
  warned: Set<string>;
  /** Told when somebody else's rollout was taken back. */
  onTakenBack?: () => void;
  deadline: number;
}

/** "41", or "the one before" when the group names none. */
export function previousName({ previousVersion }: RolloutTarget): string {
  return previousVersion === undefined ? 'the version before' : `version ${previousVersion}`;
}
