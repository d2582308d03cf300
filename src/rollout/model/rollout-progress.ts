/**
 * How a rollout stands at AWS at one poll, whatever strategy moves it: all that the monitor, the log and the verdict
 * know of it.
 */
export interface RolloutProgress {
  stage: RolloutStage;
  /** True once it was seen to have succeeded. */
  succeeded: boolean;
  /** AWS, or somebody, is taking it back or has done so. */
  rollingBack: boolean;
  /** For the log: "rolling back". */
  words: string;
  /** 0 to 100. */
  percentageComplete: number;
  /** What AWS says that it waits for; '' for nothing. */
  statusReason: string;
  /** By AWS's clock; undefined before it began. */
  startTime: Date | undefined;
  /** Another text whenever the rollout itself has moved. */
  fingerprint: string;
}

/** Where a rollout is on its way. */
export type RolloutStage =
  /** Ordered, and nothing has happened yet. */
  | 'pending'
  /** New instances replace old ones. */
  | 'replacing'
  /** A second fleet comes up, beside the one that has all requests. */
  | 'launching'
  /** Both versions have requests, by weights. */
  | 'shifting'
  /** Everything is replaced, and the alarms are watched on. */
  | 'baking'
  | 'cancelling'
  | 'rolling-back'
  /** Something that this version does not know. */
  | 'unknown'
  | 'over';

/** Whether instances of the new version come up, and no weights are moved yet. */
export function isComing(stage: RolloutStage): boolean {
  return stage === 'replacing' || stage === 'launching';
}
